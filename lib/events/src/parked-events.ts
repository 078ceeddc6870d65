import type { Transaction } from "@lyceum/database";
import { deliverCarefully, type Group } from "./delivery.ts";
import { isDependencyMissing } from "./errors.ts";
import type { LoggedEvent } from "./event-record.ts";
import { eventColumns, placeColumns, toJson, toLoggedEvent } from "./postgres/row.ts";

const maxRetries = 8;
const maxRetryMs = 60_000;
const dependencyRetryMs = 5_000;

/** An event that its handler refused, or (without error) one that waits behind another of its key. */
export type ParkedEvent = { readonly record: LoggedEvent; readonly error: unknown };

/** Keys of a partition that have parked events: later ones must wait behind them. */
export async function findParkedKeys(
  group: Group,
  tx: Transaction,
  topic: string,
  partition: number,
): Promise<Set<string>> {
  const rows = await group.database.sqlOf(tx)<{ key: string }[]>`
    select distinct key from parked_events
    where consumer_group = ${group.name} and topic = ${topic} and partition = ${partition}`;
  return new Set(rows.map(({ key }) => key));
}

/** Sets events aside in the transaction that moves the cursor past them. */
export async function parkEvents(group: Group, tx: Transaction, events: readonly ParkedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ record, error }) => ({
    ...toJson(record),
    partition: record.partition,
    offset: record.offset,
    error: error === undefined ? undefined : describe(error),
  }));
  const sql = group.database.sqlOf(tx);
  await sql`
    insert into parked_events (consumer_group, event_id, topic, partition, log_offset, type, source, time, traceparent, key,
      body, error, attempts, next_attempt_at)
    select ${group.name}, id, topic, partition, "offset", type, source, time, traceparent, key, decode(body, 'base64'),
      error, 0, now() + make_interval(secs => ${group.retryMs / 1000})
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id text, topic text, partition int, "offset" bigint, type text,
      source text, time timestamptz, traceparent text, key text, body text, error text)
    on conflict do nothing`;
}

type Head = { topic: string; partition: number; key: string; waitMs: number };

/**
 * Retries the first parked event of every key whose time has come, and those behind it as far as they go. Answers how long
 * nothing is due, in milliseconds.
 */
export async function retryParked(group: Group, idleMs: number): Promise<number> {
  const heads = await group.database.sql<Head[]>`
    select topic, partition, key, (extract(epoch from next_attempt_at - now()) * 1000)::float8 as "waitMs"
    from (select distinct on (topic, key) * from parked_events where consumer_group = ${group.name}
      order by topic, key, log_offset) as heads
    where not dead`;
  for (const head of heads) if (head.waitMs <= 0) await retryKey(group, head);
  const waits = heads.map(({ waitMs }) => (waitMs > 0 ? waitMs : group.retryMs));
  return Math.max(10, Math.min(idleMs, ...waits));
}

async function retryKey(group: Group, { topic, partition, key }: Head): Promise<void> {
  await group.database.transaction(async (tx) => {
    const sql = group.database.sqlOf(tx);
    // The same fence as in normal consumption, so a later event of this key can't overtake.
    await sql`select from event_cursors
      where consumer_group = ${group.name} and topic = ${topic} and partition = ${partition} for update`;
    const rows = await sql`
      select attempts, dead, next_attempt_at <= now() as due, ${sql.unsafe(eventColumns)}, ${sql.unsafe(placeColumns)}
      from parked_events where consumer_group = ${group.name} and topic = ${topic} and key = ${key}
      order by log_offset limit 100`;
    if (!rows[0]?.due || rows[0].dead) return;
    for (const { attempts, dead: _, due: __, ...row } of rows) {
      const record = toLoggedEvent(row as never);
      try {
        await deliverCarefully(group, record, tx);
      } catch (error) {
        await keepParked(group, tx, record, attempts, error);
        return;
      }
      await sql`delete from parked_events
        where consumer_group = ${group.name} and topic = ${topic} and key = ${key} and log_offset = ${record.offset}`;
    }
  });
}

async function keepParked(
  group: Group,
  tx: Transaction,
  record: LoggedEvent,
  attempts: number,
  error: unknown,
): Promise<void> {
  const made = isDependencyMissing(error) ? attempts : attempts + 1;
  const waitMs = made === attempts ? dependencyRetryMs : Math.min(maxRetryMs, group.retryMs * 2 ** made);
  await group.database.sqlOf(tx)`
    update parked_events set attempts = ${made}, dead = ${made >= maxRetries}, error = ${describe(error)},
      next_attempt_at = now() + make_interval(secs => ${waitMs / 1000})
    where consumer_group = ${group.name} and topic = ${record.topic} and key = ${record.key}
      and log_offset = ${record.offset}`;
}

/** The messages along the causes, without Drizzle's own, which repeats the statement's values. */
function describe(error: unknown): string {
  const messages: string[] = [];
  let cause = error as { message?: unknown; query?: unknown; cause?: unknown } | undefined;
  for (let depth = 0; depth < 5 && cause !== undefined && cause !== null; depth += 1) {
    if (cause.query === undefined || cause.cause === undefined) messages.push(String(cause.message ?? cause));
    cause = cause.cause as typeof cause;
  }
  // Postgres takes neither a NUL nor half a character: an event that could not be parked would stop its partition.
  return messages.join(" ← ").slice(0, 2_000).toWellFormed().replaceAll("\0", "\ufffd");
}
