import type { Transaction } from "@lyceum/database";
import { deliver, deliverCarefully, type Group } from "./delivery.ts";
import { isDependencyMissing } from "./errors.ts";
import type { LoggedEvent } from "./event-record.ts";
import { findParkedKeys, type ParkedEvent, parkEvents } from "./parked-events.ts";

/** How far a batch got. */
export type BatchOutcome = {
  /**
   * Where the group goes on: below the batch, and then nothing was handled, where the batch begins too late; undefined where
   * another member has its turn at this partition, or the partition has no cursor.
   */
  readonly next: number | undefined;
  readonly parked: number;
  /** What kept the event at `next` from being handled, if that is not the event's own fault. */
  readonly missing?: unknown;
};

/**
 * Handles consecutive events of one partition: effects, inbox and cursor commit together or not at all. The cursor's row
 * lock is the fence between members. First all handlers run in one plain transaction; if one fails, everything is undone
 * and done again with a savepoint for each event, so that only what failed is parked. `passedFrom`: from there up to the batch,
 * nothing was of concern to the group.
 */
export async function applyBatch(
  group: Group,
  topic: string,
  partition: number,
  records: readonly LoggedEvent[],
  passedFrom = records[0]?.offset ?? 0,
): Promise<BatchOutcome> {
  const batch = { topic, partition, records, passedFrom };
  try {
    return await run(group, batch, deliver);
  } catch {
    return run(group, batch, deliverCarefully);
  }
}

/**
 * Moves the group's cursor over events that are of no concern to it; answers where it then is: elsewhere if another member has
 * moved it further or the server has lost such a move, which waits for no disk. Undefined while another member holds it.
 */
export async function passOver(
  { name, database: { sql } }: Group,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<number | undefined> {
  const [cursor] = await sql<{ next: number }[]>`
    update event_cursors set next_offset = case when was between ${from} and ${to} then ${to} else was end from (
      select ctid as place, next_offset as was, set_config('synchronous_commit', 'off', true) from event_cursors
      where consumer_group = ${name} and topic = ${topic} and partition = ${partition} for update skip locked) as held
    where event_cursors.ctid = held.place returning next_offset::float8 as next`;
  return cursor?.next;
}

type Batch = {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LoggedEvent[];
  readonly passedFrom: number;
};

async function run(
  group: Group,
  { topic, partition, records, passedFrom }: Batch,
  deliverOne: typeof deliver,
): Promise<BatchOutcome> {
  return group.database.transaction(async (tx) => {
    const sql = group.database.sqlOf(tx);
    const [cursor] = await sql<{ next: number }[]>`
      select next_offset::float8 as next from event_cursors
      where consumer_group = ${group.name} and topic = ${topic} and partition = ${partition} for update skip locked`;
    if (!cursor) return { next: undefined, parked: 0 };
    if (passedFrom > cursor.next) return { next: cursor.next, parked: 0 };
    const relevant = records.filter(({ offset, type }) => offset >= cursor.next && group.handlers.has(type));
    const [seen, parkedKeys] = await Promise.all([
      findSeen(group, tx, relevant),
      findParkedKeys(group, tx, topic, partition),
    ]);
    const result = await deliverAll(
      group,
      tx,
      // A relay that was killed may have put an event into the log twice, here within one batch.
      relevant.filter(({ id }) => !seen.has(id) && seen.add(id)),
      parkedKeys,
      deliverOne,
    );
    const last = records.at(-1)?.offset ?? -1;
    const next = Math.max(cursor.next, result.stoppedAt ?? last + 1);
    await Promise.all([
      remember(group, tx, result.done),
      parkEvents(group, tx, result.parked),
      sql`update event_cursors set next_offset = ${next}
        where consumer_group = ${group.name} and topic = ${topic} and partition = ${partition}`,
    ]);
    return { next, parked: result.parked.length, missing: result.missing };
  });
}

type Deliveries = { done: LoggedEvent[]; parked: ParkedEvent[]; stoppedAt?: number; missing?: unknown };

async function deliverAll(
  group: Group,
  tx: Transaction,
  records: readonly LoggedEvent[],
  parkedKeys: Set<string>,
  deliverOne: typeof deliver,
): Promise<Deliveries> {
  const done: LoggedEvent[] = [];
  const parked: ParkedEvent[] = [];
  for (const record of records) {
    if (parkedKeys.has(record.key)) {
      parked.push({ record, error: undefined });
    } else {
      try {
        await deliverOne(group, record, tx);
      } catch (error) {
        if (deliverOne === deliver) throw error;
        if (isDependencyMissing(error)) return { done, parked, stoppedAt: record.offset, missing: error };
        parked.push({ record, error });
        parkedKeys.add(record.key);
      }
    }
    done.push(record);
  }
  return { done, parked };
}

async function findSeen(group: Group, tx: Transaction, records: readonly LoggedEvent[]): Promise<Set<string>> {
  if (records.length === 0) return new Set();
  const ids = records.map(({ id }) => id);
  const rows = await group.database.sqlOf(tx)<{ event_id: string }[]>`
    select event_id from event_inbox where consumer_group = ${group.name} and event_id = any(${ids}::text[])`;
  return new Set(rows.map((row) => row.event_id));
}

async function remember(group: Group, tx: Transaction, records: readonly LoggedEvent[]): Promise<void> {
  if (records.length === 0) return;
  const ids = records.map(({ id }) => id);
  await group.database.sqlOf(tx)`
    insert into event_inbox (consumer_group, event_id) select ${group.name}, unnest(${ids}::text[])`;
}
