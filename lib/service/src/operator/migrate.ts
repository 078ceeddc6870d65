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
  for (const { database, migrations, address } of listDatabases(operator, definitions)) {
    const found = await address();
    if (!found) continue;
    onDatabase?.(database);
    const url = found.directUrl ?? found.url;
    try {
      const ran = dryRun
        ? await findMissingMigrations(url, migrations)
        : await migrateDatabase(url, database, migrations);
      done.push({ database, migrations: ran });
    } catch (error) {
      throw new StartError(`The database of ${database} could not be migrated: ${reasonOf(error)}`, { cause: error });
    }
  }
  return done;
}

/** A database of an installation. */
type Kept = {
  readonly database: string;
  readonly migrations: readonly Migrations[];
  /** Undefined where there is none: the event log is on Kafka. */
  readonly address: () => Promise<DatabaseAddress | undefined>;
};

/** That of the event log, then those of the services. */
export function listDatabases(operator: Operator, definitions: Definitions): Kept[] {
  const events = { database: "events", migrations: [eventStoreMigrations], address: operator.eventsAddress };
  const own = definitions.flatMap(({ name, migrations }) =>
    migrations
      ? [{ database: name, migrations: serviceMigrations(migrations), address: () => operator.addressOf(name) }]
      : [],
  );
  return [events, ...own];
}
