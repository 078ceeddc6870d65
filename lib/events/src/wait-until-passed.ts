import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@lyceum/database";
import type { EventStore } from "./event-store.ts";

const maxPollMs = 1_000;

/** Whose cursors are looked at, and in which log. */
type Watched = {
  readonly name: string;
  readonly database: Database;
  readonly store: EventStore;
};

/** Resolves once the group's cursors have passed the ends that these topics have now. */
export async function waitUntilPassed(group: Watched, topics: readonly string[], signal: AbortSignal): Promise<void> {
  const ends = await Promise.all(topics.map(async (topic) => ({ topic, ends: await group.store.readEnds(topic) })));
  for (const end of ends) {
    for (let pollMs = 20; !(await hasPassed(group, end)); pollMs = Math.min(maxPollMs, pollMs * 2)) {
      await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

async function hasPassed(
  { name, database }: Watched,
  { topic, ends }: { topic: string; ends: readonly number[] },
): Promise<boolean> {
  const cursors = await database.sql<{ partition: number; next: number }[]>`
    select partition, next_offset::float8 as next from event_cursors where consumer_group = ${name} and topic = ${topic}`;
  const positions = new Map(cursors.map(({ partition, next }) => [partition, next]));
  return ends.every((end, partition) => (positions.get(partition) ?? 0) >= end);
}
