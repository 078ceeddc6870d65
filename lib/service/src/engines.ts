import { type Database, type EmbeddedPostgres, openDatabase, openEmbeddedPostgres } from "@lyceum/database";
import {
  type EventStore,
  eventStoreMigrations,
  IncompatibleSchemaError,
  openKafkaStore,
  openPostgresStore,
} from "@lyceum/events";
import type { Logger } from "pino";
import { findClockFault } from "./check-clock.ts";
import type { ServiceDefinition, ServiceName } from "./define-service.ts";
import { StartError } from "./errors.ts";
import type { Home } from "./home.ts";
import { serviceMigrations } from "./migrations.ts";
import { type Patience, reasonOf } from "./patience.ts";
import type { Settings } from "./settings.ts";

/** The databases and the event log of this process. */
export type Engines = AsyncDisposable & {
  /** Opens and migrates a service's own database; with `schema`, opens it as it is, and names are looked for there first. */
  openDatabaseOf(definition: ServiceDefinition, schema?: string): Promise<Database>;
  /** The event log that all services of the process share; opened once. */
  openEvents(): Promise<EventStore>;
  /** What the event log runs on. */
  readonly eventsProvider: "Kafka" | "Postgres" | typeof embeddedPostgres;
  /** True if the service's database is embedded: no other process can be using it. */
  isEmbedded(name: ServiceName): boolean;
};

const kafka = "Kafka (KAFKA_BROKERS)";
const logProviders = { kafka: "Kafka", postgres: "Postgres" } as const;

/** How an operator is told of a Postgres that Lyceum runs itself. */
export const embeddedPostgres = "an embedded Postgres";

/** What engines are opened with. */
export type EnginesOptions = {
  readonly settings: Settings;
  readonly home: Home;
  readonly log: Logger;
  readonly announce: (line: string) => void;
  readonly patience: Patience;
};

/** Gives services their databases: those the settings name, else those of a Postgres that is started on first need. */
export function openEngines({ settings, home, log, announce, patience }: EnginesOptions): Engines {
  let postgres: Promise<EmbeddedPostgres> | undefined;
  let events: Promise<EventStore> | undefined;
  const opened = new AsyncDisposableStack();
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
  const openInPostgres = async (given: string | undefined, partitions?: number) => {
    const what = given ? "the event log (EVENTS_DATABASE_URL)" : "the event log";
    const url = given ?? (await embeddedUrl("events"));
    const options = { url, applicationName: "events", migrations: [eventStoreMigrations], ...settings.pools, log };
    try {
      const database = opened.use(await patience(what, () => openDatabase(options)));
      const isAlone = given === undefined;
      return opened.use(await openPostgresStore({ database, isAlone, log, ...(partitions && { partitions }) }));
    } catch (error) {
      throw unusable(what, error);
    }
  };
  const openStore = async () => {
    const { eventLog } = settings;
    if (eventLog?.engine !== "kafka") return openInPostgres(eventLog?.url, eventLog?.partitions);
    const store = await patience(kafka, () => openKafkaStore({ ...eventLog, clientId: "lyceum", log }));
    return opened.use(patient(store, patience));
  };
  let hasToldClock = false;
  const tellClock = async (database: Database) => {
    const fault = await findClockFault(database).catch(() => undefined);
    if (!fault || hasToldClock) return;
    hasToldClock = true;
    announce(fault);
    log.warn(fault);
  };
  return {
    eventsProvider: settings.eventLog ? logProviders[settings.eventLog.engine] : embeddedPostgres,
    isEmbedded: (name) => settings.databaseOf(name) === undefined,
    openEvents() {
      events ??= openStore();
      return events;
    },
    async openDatabaseOf({ name, migrations }, schema) {
      const given = settings.databaseOf(name);
      const what = `the database of ${name}${given ? ` (${name.toUpperCase()}_DATABASE_URL)` : ""}`;
      const target = given ?? { url: await embeddedUrl(name) };
      const options = {
        ...target,
        ...settings.pools,
        applicationName: schema ? `${name} ${schema}` : name,
        migrations: schema ? [] : serviceMigrations(migrations),
        ...(schema && { schemas: [schema, "public"] }),
        log,
      };
      const database = await patience(what, () => openDatabase(options)).catch((error) => {
        throw unusable(what, error);
      });
      if (given) await tellClock(database);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await events?.catch(() => undefined);
      await opened.disposeAsync();
      await (await postgres?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** What services do first with the log waits for a registry and brokers that are not there yet; a schema they refuse does not. */
function patient(store: EventStore, patience: Patience): EventStore {
  const { registry } = store;
  return {
    ...store,
    openTopic: (topic) => patience(kafka, () => store.openTopic(topic)),
    follow: (...what) => patience(kafka, () => store.follow(...what)),
    consume: (...what) => patience(kafka, () => store.consume(...what)),
    registry: {
      ...registry,
      register: (subject, schema) =>
        patience("the schema registry (SCHEMA_REGISTRY_URL)", () => registry.register(subject, schema)).catch(
          (error) => {
            throw error instanceof IncompatibleSchemaError ? new StartError(error.message, { cause: error }) : error;
          },
        ),
    },
  };
}

function unusable(what: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError(`It was not possible to open and migrate ${what}: ${reasonOf(error)}`, { cause: error });
}
