import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openDatabase } from "@lyceum/database";
import { type EventStore, eventStoreMigrations, openKafkaStore, openPostgresStore } from "@lyceum/events";
import { startEngines } from "@lyceum/testing/engines/index.ts";
import type { Mode } from "./deployment.ts";

const eventsFolder = join(import.meta.dirname, "../../../lib/events/src");

/** A log with one topic, and how a process opens it. */
export type TestLog = {
  /** Exports the `openMember` of the contract suite. */
  readonly module: string;
  readonly connection: unknown;
  readonly store: EventStore;
};

/** Opens an empty log: in Postgres at `eventsUrl`, or scaled on a Kafka of its own with its data in `folder`. */
export async function openTestLog(
  mode: Mode,
  folder: string,
  eventsUrl: string,
  stack: AsyncDisposableStack,
): Promise<TestLog> {
  const log = mode === "scaled" ? await openKafka(folder, stack) : await openPostgres(eventsUrl, stack);
  await log.store.openTopic("test.v1");
  return log;
}

async function openPostgres(eventsUrl: string, stack: AsyncDisposableStack): Promise<TestLog> {
  const options = { url: eventsUrl, applicationName: "events", migrations: [eventStoreMigrations] };
  const store = stack.use(await openPostgresStore({ database: stack.use(await openDatabase(options)) }));
  return { module: join(eventsFolder, "postgres/postgres-member.ts"), connection: { eventsUrl }, store };
}

async function openKafka(folder: string, stack: AsyncDisposableStack): Promise<TestLog> {
  const { kafka, registry } = stack.use(await startEngines(join(folder, "engines")));
  const connection = {
    brokers: kafka.brokers,
    registryUrl: registry.url,
    namespace: `${randomBytes(6).toString("hex")}.`,
  };
  const options = { ...connection, brokers: [kafka.brokers], clientId: "bench", partitions: 3 };
  const store = stack.use(await openKafkaStore(options));
  return { module: join(eventsFolder, "kafka/kafka-member.ts"), connection, store };
}
