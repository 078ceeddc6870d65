import { hash, randomBytes } from "node:crypto";
import type { Database } from "@lyceum/database";
import type { SchemaRegistry } from "../avro/schema-registry.ts";
import { disposeAll } from "../dispose-all.ts";
import type { EventRecord, LoggedEvent } from "../event-record.ts";
import type { Log } from "../loop.ts";
import { type End, type Ends, watchEnds } from "./ends.ts";
import { eventColumns, placeColumns, toJson, toLoggedEvent } from "./row.ts";
import { createSchemaRegistry } from "./schema-registry.ts";
import { createSignals, type Signals } from "./signals.ts";

/** The log and its registry in a Postgres database of their own, shared by every service of an installation. */
export interface EventStore extends AsyncDisposable {
  readonly registry: SchemaRegistry;
  /** How many partitions a topic has; `partitions` if it is new. The number never changes. */
  openTopic(topic: string, partitions: number): Promise<number>;
  /** Adds events to the log in this order, those it has already taken left out. */
  publish(records: readonly EventRecord[]): Promise<void>;
  /** The events of a partition from an offset on, at most `limit`. */
  read(topic: string, partition: number, from: number, limit: number): Promise<LoggedEvent[]>;
  /** The offset of the first event logged at `time` or later, else the partition's end. */
  findOffset(topic: string, partition: number, time: Date): Promise<number>;
  /** The offset after the last event of each partition of a topic. */
  readEnds(topic: string): Promise<number[]>;
  /** Calls `onEnd` whenever a partition of `topic` is known to have grown; only a hint, and never for what was there before. */
  readonly onEnd: Ends["onEnd"];
  readonly signal: Signals["signal"];
  readonly onSignal: Signals["onSignal"];
}

/** Opens the log in a database that has `eventStoreMigrations`. Disposing it leaves the database open. */
export async function openEventStore(options: { database: Database; log?: Log | undefined }): Promise<EventStore> {
  const { database, log } = options;
  const self = randomBytes(6).toString("base64url");
  const ends = await watchEnds(database, self, log);
  const signals = await createSignals(database, self, log);
  return {
    registry: createSchemaRegistry(database),
    ...createTopics(database, ends),
    ...createReads(database),
    onEnd: ends.onEnd,
    signal: signals.signal,
    onSignal: signals.onSignal,
    [Symbol.asyncDispose]: disposeAll([ends, signals])[Symbol.asyncDispose],
  };
}

function createTopics({ sql }: Database, ends: Ends): Pick<EventStore, "openTopic" | "publish"> {
  const partitionCounts = new Map<string, number>();

  async function partitionsOf(topic: string): Promise<number> {
    const known = partitionCounts.get(topic);
    if (known !== undefined) return known;
    const [row] = await sql<{ partitions: number }[]>`select partitions from topics where name = ${topic}`;
    if (!row) throw new Error(`The log has no topic ${topic}.`);
    partitionCounts.set(topic, row.partitions);
    return row.partitions;
  }

  return {
    async openTopic(topic, partitions) {
      await sql.begin(async (tx) => {
        const [made] = await tx`
          insert into topics (name, partitions) values (${topic}, ${partitions}) on conflict do nothing returning name`;
        if (!made) return;
        await tx`insert into partitions (topic, number) select ${topic}, generate_series(0, ${partitions - 1}::int)`;
      });
      return partitionsOf(topic);
    },
    async publish(records) {
      const batch = await Promise.all(
        records.map(async (record, position) => {
          const partition = partitionOf(record.key, await partitionsOf(record.topic));
          return { ...toJson(record), position, partition };
        }),
      );
      const grown = await sql<End[]>`
        select ended_topic as topic, ended_partition as partition, end_offset as end
        from publish_events(${JSON.stringify(batch)}::jsonb)`;
      ends.grew(grown);
    },
  };
}

function createReads({ sql }: Database): Pick<EventStore, "read" | "findOffset" | "readEnds"> {
  return {
    async read(topic, partition, from, limit) {
      const rows = await sql`
        select ${sql.unsafe(eventColumns)}, ${sql.unsafe(placeColumns)} from events
        where topic = ${topic} and partition = ${partition} and log_offset >= ${from} order by log_offset limit ${limit}`;
      return rows.map((row) => toLoggedEvent(row as never));
    },
    async findOffset(topic, partition, time) {
      const [row] = await sql<{ offset: number }[]>`
        select coalesce(
          (select log_offset from events where topic = ${topic} and partition = ${partition}
            and logged_at >= ${time.toISOString()}::timestamptz order by logged_at, log_offset limit 1),
          (select next_offset from partitions where topic = ${topic} and number = ${partition}))::float8 as "offset"`;
      return row?.offset ?? 0;
    },
    async readEnds(topic) {
      const rows = await sql<{ end: number }[]>`
        select next_offset::float8 as end from partitions where topic = ${topic} order by number`;
      return rows.map(({ end }) => end);
    },
  };
}

function partitionOf(key: string, partitions: number): number {
  return Number.parseInt(hash("md5", key).slice(0, 8), 16) % partitions;
}
