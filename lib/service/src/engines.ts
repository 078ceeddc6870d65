import { join } from "node:path";
import { type Database, type EmbeddedPostgres, openDatabase, openEmbeddedPostgres } from "@lyceum/database";
import { type EventStore, eventMigrations, eventStoreMigrations, openPostgresStore } from "@lyceum/events";
import type { Logger } from "pino";
import type { ServiceDefinition, ServiceName } from "./define-service.ts";
import { StartError } from "./errors.ts";
import type { Home } from "./home.ts";
import type { Settings } from "./settings.ts";

/** The databases and the event log of this process. */
export type Engines = AsyncDisposable & {
  /** Opens and migrates a service's own database. */
  openDatabaseOf(definition: ServiceDefinition): Promise<Database>;
  /** The event log that all services of the process share; opened once. */
  openEvents(): Promise<{ store: EventStore; database: Database }>;
  /** True if the service's database is embedded: no other process can be using it. */
  isEmbedded(name: ServiceName): boolean;
};

const jobMigrations = { folder: join(import.meta.dirname, "../migrations"), table: "jobs" };

/** Gives services their databases: those the settings name, else those of a Postgres that is started on first need. */
export function openEngines(settings: Settings, home: Home, log: Logger, announce: (line: string) => void): Engines {
  let postgres: Promise<EmbeddedPostgres> | undefined;
  let events: ReturnType<Engines["openEvents"]> | undefined;
  const startPostgres = async () => {
    announce("Starting Postgres…");
    try {
      return await openEmbeddedPostgres({ folder: await home.subfolder("postgres"), log });
    } catch (error) {
      throw new StartError(`The embedded Postgres cannot start: ${reasonOf(error)}`, { cause: error });
    }
  };
  const embeddedUrl = async (name: string) => {
    postgres ??= startPostgres();
    return (await postgres).urlOf(name);
  };
  const openStore = async () => {
    const given = settings.eventsDatabaseUrl;
    const url = given ?? (await embeddedUrl("events"));
    try {
      const database = await openDatabase({ url, applicationName: "events", migrations: [eventStoreMigrations], log });
      return { database, store: await openPostgresStore({ database, log }) };
    } catch (error) {
      throw unusable("the event log", given && "EVENTS_DATABASE_URL", error);
    }
  };
  return {
    isEmbedded: (name) => settings.databaseOf(name) === undefined,
    openEvents() {
      events ??= openStore();
      return events;
    },
    async openDatabaseOf({ name, migrations }) {
      const given = settings.databaseOf(name);
      return openDatabase({
        ...(given ?? { url: await embeddedUrl(name) }),
        applicationName: name,
        migrations: [
          jobMigrations,
          eventMigrations,
          ...(migrations ? [{ folder: migrations, table: "migrations" }] : []),
        ],
        log,
      }).catch((error) => {
        throw unusable(`the database of ${name}`, given && `${name.toUpperCase()}_DATABASE_URL`, error);
      });
    },
    async [Symbol.asyncDispose]() {
      const opened = await events?.catch(() => undefined);
      await opened?.store[Symbol.asyncDispose]();
      await opened?.database[Symbol.asyncDispose]();
      await (await postgres?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

function unusable(what: string, variable: string | undefined, error: unknown): StartError {
  const where = variable ? ` (${variable})` : "";
  return new StartError(`It was not possible to open and migrate ${what}${where}: ${reasonOf(error)}`, {
    cause: error,
  });
}

/** The innermost cause in words: what wraps it says only which statement failed. */
function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const message = cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause);
  return message.split("\n", 1)[0]?.replace(/\.?$/, ".") as string;
}
