import { hash, randomBytes } from "node:crypto";
import type { Database } from "@lyceum/database";
import { disposeAll } from "../dispose-all.ts";
import { type EventStore, fewPartitions } from "../event-store.ts";
import type { Log } from "../loop.ts";
import { type End, type Ends, watchEnds } from "./ends.ts";
import { startGroupReader } from "./group-reader.ts";
import { createReads, type Reads } from "./reads.ts";
import { toJson } from "./row.ts";
import { createSchemaRegistry } from "./schema-registry.ts";
import { createSignals } from "./signals.ts";
import { startTopicFollower } from "./topic-follower.ts";

/** How the log in Postgres is opened. */
export type PostgresStoreOptions = {
  /** A database of the log's own that has `eventStoreMigrations`; disposing the store leaves it open. */
  readonly database: Database;
  /** How many partitions a topic gets that is new, 4 by default; the number never changes. */
  readonly partitions?: number;
  /** True if no other process serves from this log: nobody else is told of what happens; one that looks at it polls. */
  readonly isAlone?: boolean;
  readonly log?: Log | undefined;
};

/** The log and its registry in a Postgres database of their own, shared by every service of an installation. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<EventStore> {
  const { database, partitions = 4, isAlone = false, log } = options;
  const teller = { self: randomBytes(6).toString("base64url"), isAlone };
  const ends = await watchEnds(database, teller, log);
  const signals = await createSignals(database, teller, log);
  const reads = createReads(database);
  const { openTopic, publish } = createTopics(database, partitions, ends, reads, log);
  return {
    registry: createSchemaRegistry(database),
    openTopic,
    publish,
    readEnds: reads.readEnds,
    async consume(group, topics, onParked) {
      const readers: AsyncDisposable[] = [];
      for (const topic of topics) {
        await openTopic(topic);
        readers.push(await startGroupReader({ group, topic, onParked, log }, reads, ends.onEnd));
      }
      return disposeAll(readers);
    },
    async follow(topic, from, show) {
      await openTopic(topic);
      return startTopicFollower({ topic, from, show, log }, reads, ends.onEnd);
    },
    signal: signals.signal,
    async onSignal(topic, onSignal) {
      return disposeAll([signals.onSignal(topic, onSignal)]);
    },
    ping: () => database.sql`select 1`.execute(),
    [Symbol.asyncDispose]: disposeAll([ends, signals])[Symbol.asyncDispose],
  };
}

function createTopics(
  { sql }: Database,
  partitions: number,
  ends: Ends,
  reads: Reads,
  log: Log | undefined,
): Pick<EventStore, "openTopic" | "publish"> {
  const partitionCounts = new Map<string, number>();

  async function tellFewer(topic: string): Promise<void> {
    const count = await partitionsOf(topic);
    if (count < partitions) log?.warn({ topic, partitions: count, wanted: partitions }, fewPartitions);
  }

  async function partitionsOf(topic: string): Promise<number> {
    const known = partitionCounts.get(topic);
    if (known !== undefined) return known;
    const [row] = await sql<{ partitions: number }[]>`select partitions from topics where name = ${topic}`;
    if (!row) throw new Error(`The log has no topic ${topic}.`);
    partitionCounts.set(topic, row.partitions);
    return row.partitions;
  }

  return {
    async openTopic(topic) {
      const wasThere = partitionCounts.has(topic);
      await sql.begin(async (tx) => {
        const [made] = await tx`
          insert into topics (name, partitions) values (${topic}, ${partitions}) on conflict do nothing returning name`;
        if (!made) return;
        await tx`insert into partitions (topic, number) select ${topic}, generate_series(0, ${partitions - 1}::int)`;
      });
      if (!wasThere) await tellFewer(topic);
    },
    async publish(records) {
      const batch = await Promise.all(
        records.map(async (record, position) => {
          const partition = partitionOf(record.key, await partitionsOf(record.topic));
          return { record, position, partition };
        }),
      );
      const rows = batch.map(({ record, ...place }) => ({ ...toJson(record), ...place }));
      const grown = await sql<(End & { taken: number })[]>`
        select ended_topic as topic, ended_partition as partition, end_offset as end, taken
        from publish_events(${JSON.stringify(rows)}::jsonb)`;
      for (const { topic, partition, end, taken } of grown) {
        const added = batch.filter(({ record, ...place }) => record.topic === topic && place.partition === partition);
        // Of those that were published before, it is not known which they are.
        if (added.length !== taken) continue;
        reads.keep(added.map(({ record }, index) => ({ ...record, partition, offset: end - taken + index })));
      }
      ends.grew(grown.map(({ taken: _, ...end }) => end));
    },
  };
}

function partitionOf(key: string, partitions: number): number {
  return Number.parseInt(hash("md5", key).slice(0, 8), 16) % partitions;
}
