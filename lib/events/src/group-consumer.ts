import { applyBatch } from "./apply-batch.ts";
import type { Group } from "./delivery.ts";
import { disposeAll } from "./dispose-all.ts";
import { type Log, type Loop, startLoop } from "./loop.ts";
import { retryParked } from "./parked-events.ts";
import type { EventStore } from "./postgres/event-store.ts";

const batchSize = 100;
const idleMs = 60_000;
const otherMemberMs = 500;
const parkedPollMs = 5_000;
const inboxDays = 7;

/** Delivers the log to one group until disposed: a loop for each partition, and one for parked events. */
export async function startGroupConsumer(
  group: Group,
  store: EventStore,
  partitions: number,
  log: Log | undefined,
): Promise<AsyncDisposable> {
  const parking = startLoop(() => retryParked(group, parkedPollMs), { group: group.name, loop: "parked events" }, log);
  const cleaning = startLoop(() => forgetOldEvents(group), { group: group.name, loop: "inbox" }, log);
  const parts: (AsyncDisposable | Disposable)[] = [parking, cleaning];
  const topics = new Set([...group.handlers.values()].map(({ type }) => type.topic));
  for (const topic of topics) {
    await store.openTopic(topic, partitions);
    const positions = await openCursors(group, store, topic);
    const loops: Loop[] = [];
    // Heard before the first read, so that nothing comes between them.
    parts.push(store.onEnd(topic, (partition) => loops[partition]?.wake()));
    for (const [partition, position] of positions.entries()) {
      loops.push(startPartition(group, store, { topic, partition, position }, parking.wake, log));
    }
    parts.push(...loops);
  }
  return disposeAll(parts);
}

/** The group's cursors of a topic by partition, set to the log's beginning where there are none. */
async function openCursors(group: Group, store: EventStore, topic: string): Promise<number[]> {
  const ends = await store.readEnds(topic);
  const { sql } = group.database;
  await sql`
    insert into event_cursors (consumer_group, topic, partition, next_offset)
    select ${group.name}, ${topic}, generate_series(0, ${ends.length - 1}::int), 0 on conflict do nothing`;
  const cursors = await sql<{ partition: number; next: number }[]>`
    select partition, next_offset::float8 as next from event_cursors
    where consumer_group = ${group.name} and topic = ${topic} order by partition`;
  for (const { partition, next } of cursors) {
    if (next > (ends[partition] ?? 0)) {
      throw new Error(
        `${group.name} has handled ${next} events of partition ${partition} of ${topic}, but the log has ${ends[partition] ?? 0}: the event log was lost or replaced.`,
      );
    }
  }
  return cursors.map(({ next }) => next);
}

type Place = { readonly topic: string; readonly partition: number; readonly position: number };

function startPartition(
  group: Group,
  store: EventStore,
  { topic, partition, position }: Place,
  onParked: () => void,
  log: Log | undefined,
): Loop {
  const step = async () => {
    const records = await store.read(topic, partition, position, batchSize);
    if (records.length === 0) return idleMs;
    const outcome = await applyBatch(group, topic, partition, records);
    if (outcome.next === undefined) return otherMemberMs;
    position = outcome.next;
    if (outcome.parked > 0) onParked();
    if (outcome.missing !== undefined) throw outcome.missing;
    return 0;
  };
  return startLoop(step, { group: group.name, topic, partition }, log);
}

async function forgetOldEvents({ name, database }: Group): Promise<number> {
  await database.sql`
    delete from event_inbox where consumer_group = ${name} and seen_at < now() - make_interval(days => ${inboxDays})`;
  return 3_600_000;
}
