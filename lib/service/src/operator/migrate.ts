import { findMissingMigrations, type Migration, type Migrations, migrateDatabase } from "@lyceum/database";
import { eventStoreMigrations } from "@lyceum/events";
import { StartError } from "../errors.ts";
import { serviceMigrations } from "../migrations.ts";
import { reasonOf } from "../patience.ts";
import type { Definitions } from "../settings.ts";
import type { DatabaseAddress, Operator } from "./open-operator.ts";

/** What was, or is to be, done to one database. */
export type Migrated = { readonly database: string; readonly migrations: readonly Migration[] };

/** How databases are migrated. */
export type MigrateOptions = {
  /** Only says what is missing. */
  readonly dryRun?: boolean;
  /** Hears which database is next. */
  readonly onDatabase?: (name: string) => void;
};

/**
 * Brings the databases of these services and that of the event log up to date, one after the other, past poolers and under the
 * lock that starting services take too.
 */
export async function migrateAll(
  operator: Operator,
  definitions: Definitions,
  { dryRun = false, onDatabase }: MigrateOptions = {},
): Promise<Migrated[]> {
  const done: Migrated[] = [];
  const bring = async (database: string, address: DatabaseAddress, migrations: readonly Migrations[]) => {
    onDatabase?.(database);
    const url = address.directUrl ?? address.url;
    try {
      const ran = dryRun
        ? await findMissingMigrations(url, migrations)
        : await migrateDatabase(url, database, migrations);
      done.push({ database, migrations: ran });
    } catch (error) {
      throw new StartError(`The database of ${database} could not be migrated: ${reasonOf(error)}`, { cause: error });
    }
  };
  const events = await operator.eventsAddress();
  if (events) await bring("events", events, [eventStoreMigrations]);
  for (const { name, migrations } of definitions) {
    if (migrations) await bring(name, await operator.addressOf(name), serviceMigrations(migrations));
  }
  return done;
}
