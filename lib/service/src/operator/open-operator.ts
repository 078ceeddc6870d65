import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Database,
  findRunningPostgres,
  hasEmbeddedPostgres,
  openDatabase,
  openEmbeddedPostgres,
} from "@lyceum/database";
import { type EventStore, openKafkaStore, openPostgresStore } from "@lyceum/events";
import type { ServiceName } from "../define-service.ts";
import { StartError } from "../errors.ts";
import { openHome } from "../home.ts";
import { reasonOf } from "../patience.ts";
import { type Env, readStores, type Stores } from "../settings.ts";

/** Where a service's database is reached; `directUrl` past a transaction pooler. */
export type DatabaseAddress = { readonly url: string; readonly directUrl: string | undefined };

/**
 * An installation seen by its operator: the databases and the event log of its services, found by the variables that those
 * take. Nothing is migrated by opening it.
 */
export type Operator = AsyncDisposable & {
  /** The name of the log's engine. */
  readonly engine: "kafka" | "postgres";
  /** A service's own database, opened once. Throws a StartError that says what to set where it cannot be reached. */
  openDatabaseOf(name: ServiceName): Promise<Database>;
  /** Where a service answers, if its variable says so. */
  urlOf(name: ServiceName): string | undefined;
  /** Where a service's database is. */
  addressOf(name: ServiceName): Promise<DatabaseAddress>;
  /** Where the event log's database is; undefined on Kafka. */
  eventsAddress(): Promise<DatabaseAddress | undefined>;
  /** The event log, opened once. */
  openEvents(): Promise<EventStore>;
};

const startingMs = 10_000;

/**
 * Opens an installation by the variables of its services. Where they name no Postgres it is the one below `LYCEUM_HOME`: that of
 * the running Lyceum, else it is started until the operator is disposed.
 */
export function openOperator(env: Env): Operator {
  const stores = readStores(env);
  const opened = new AsyncDisposableStack();
  const embedded = once(() => openPostgres(stores.home, opened));
  const databases = new Map<ServiceName, Promise<Database>>();
  const embeddedUrl = async (name: string) => {
    try {
      return await (await embedded()).urlOf(name);
    } catch (error) {
      throw unusable(`the database ${name} in LYCEUM_HOME`, error);
    }
  };
  const addressOf = async (name: ServiceName) =>
    stores.databaseOf(name) ?? { url: await embeddedUrl(name), directUrl: undefined };
  const eventsAddress = async () => {
    if (stores.eventLog?.engine === "kafka") return undefined;
    return { url: stores.eventLog?.url ?? (await embeddedUrl("events")), directUrl: undefined };
  };
  const openUnmigrated = async (address: DatabaseAddress, what: string) => {
    try {
      const options = { ...address, applicationName: "operator", migrations: [], maxConnections: 4 };
      return opened.use(await openDatabase(options));
    } catch (error) {
      throw unusable(what, error);
    }
  };
  return {
    engine: stores.eventLog?.engine ?? "postgres",
    urlOf: stores.urlOf,
    addressOf,
    eventsAddress,
    openDatabaseOf(name) {
      const variable = `${name.toUpperCase()}_DATABASE_URL`;
      const known = databases.get(name);
      const opening =
        known ?? addressOf(name).then((address) => openUnmigrated(address, whatOf(stores, name, variable)));
      databases.set(name, opening);
      return opening;
    },
    openEvents: once(async () => {
      const address = await eventsAddress();
      if (address) {
        const database = await openUnmigrated(
          address,
          `the event log${stores.eventLog ? " (EVENTS_DATABASE_URL)" : ""}`,
        );
        return opened.use(await openPostgresStore({ database }));
      }
      return openKafka(stores, opened);
    }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function whatOf(stores: Stores, name: ServiceName, variable: string): string {
  return `the database of ${name} (${stores.databaseOf(name) ? variable : "in LYCEUM_HOME"})`;
}

async function openKafka({ eventLog }: Stores, opened: AsyncDisposableStack): Promise<EventStore> {
  if (eventLog?.engine !== "kafka") throw new Error("The event log is not on Kafka.");
  try {
    return opened.use(await openKafkaStore({ ...eventLog, clientId: "lyceum-operator" }));
  } catch (error) {
    throw unusable("Kafka (KAFKA_BROKERS)", error);
  }
}

type Postgres = { urlOf(name: string): Promise<string> };

/** The Postgres below LYCEUM_HOME: the one that runs, else one of this process's own. None is ever made. */
async function openPostgres(home: string, opened: AsyncDisposableStack): Promise<Postgres> {
  const folder = join(home, "postgres");
  try {
    if (!(await hasEmbeddedPostgres(folder))) {
      throw new StartError(
        `No Lyceum was ever started in ${home}: set LYCEUM_HOME to its folder, or <SERVICE>_DATABASE_URL and the event log's variables as its services have them.`,
      );
    }
    const running = await findRunningPostgres(folder);
    if (running) return opened.use(running);
    return await startPostgres(home, folder, opened);
  } catch (error) {
    throw unusable(`the Postgres in ${folder}`, error);
  }
}

async function startPostgres(home: string, folder: string, opened: AsyncDisposableStack): Promise<Postgres> {
  for (const deadline = performance.now() + startingMs; ; await sleep(200)) {
    try {
      await using starting = new AsyncDisposableStack();
      starting.use(await openHome(home));
      const postgres = starting.use(await openEmbeddedPostgres({ folder }));
      opened.use(starting.move());
      return postgres;
    } catch (error) {
      // Whoever has just taken the folder is about to start its own.
      const running = await findRunningPostgres(folder);
      if (running) return opened.use(running);
      if (performance.now() > deadline) throw error;
    }
  }
}

function unusable(what: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError(`It was not possible to open ${what}: ${reasonOf(error)}`, { cause: error });
}

/** Does it on first need, and once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => {
    doing ??= work();
    return doing;
  };
}
