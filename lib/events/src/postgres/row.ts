import type { EventRecord, LoggedEvent } from "../event-record.ts";

/** An event as JSON for Postgres's `jsonb_to_recordset`. */
export function toJson(record: EventRecord) {
  return {
    id: record.id,
    topic: record.topic,
    type: record.type,
    source: record.source,
    time: record.time,
    traceparent: record.traceparent,
    key: record.key,
    body: Buffer.from(record.body).toString("base64"),
  };
}

/** The columns of an event that `toLoggedEvent` reads; times and offsets as numbers, since Drizzle's client parses neither. */
export const eventColumns = `event_id as id, topic, type, source, (extract(epoch from time) * 1000)::float8 as "timeMs",
  traceparent, key, body`;

/** The columns that say where in the log an event is. */
export const placeColumns = `partition, log_offset::float8 as "offset"`;

type EventRow = Omit<EventRecord, "time" | "traceparent"> & { timeMs: number; traceparent: string | null };

/** Reads a row of `eventColumns`. */
export function toEventRecord({ timeMs, traceparent, ...rest }: EventRow): EventRecord {
  return { ...rest, time: new Date(timeMs), traceparent: traceparent ?? undefined };
}

/** Reads a row of `eventColumns` and `placeColumns`. */
export function toLoggedEvent(row: EventRow & { partition: number; offset: number }): LoggedEvent {
  return { ...toEventRecord(row), partition: row.partition, offset: row.offset };
}
