import type { Database } from "@lyceum/database";
import type { LoggedEvent } from "../event-record.ts";
import { eventColumns, placeColumns, toLoggedEvent } from "./row.ts";

/** How many events are read at once. */
export const readSize = 200;

/** When to read again what was heard of and not found: a moment later, since it may never be there in a log that was replaced. */
export const missedMs = 20;

/** Reads of the log. */
export type Reads = {
  /** Hands over events of one partition that have just been logged, in a row: whoever waits for them need not fetch them. */
  keep(events: readonly LoggedEvent[]): void;
  /** The events of a partition from an offset on, at most `readSize`. */
  read(topic: string, partition: number, from: number): Promise<readonly LoggedEvent[]>;
  /** The offset of the first event logged at `time` or later, else the partition's end. */
  findOffset(topic: string, partition: number, time: Date): Promise<number>;
  /** The offset after the last event of each partition of a topic. */
  readEnds(topic: string): Promise<number[]>;
};

export function createReads({ sql }: Database): Reads {
  const latest = new Map<string, readonly LoggedEvent[]>();
  const underWay = new Map<string, Promise<readonly LoggedEvent[]>>();
  const read = async (topic: string, partition: number, from: number) => {
    const rows = await sql`
      select ${sql.unsafe(eventColumns)}, ${sql.unsafe(placeColumns)} from events
      where topic = ${topic} and partition = ${partition} and log_offset >= ${from} order by log_offset limit ${readSize}`;
    return rows.map((row) => toLoggedEvent(row as never));
  };
  return {
    keep(events) {
      const [event] = events;
      if (event) latest.set(`${event.topic} ${event.partition}`, events);
    },
    // Whoever has read up to the same place is woken at the same time. What is under way may miss what has been logged since,
    // so a reader that has heard of more reads again.
    async read(topic, partition, from) {
      const kept = latest.get(`${topic} ${partition}`) ?? [];
      const first = kept[0]?.offset ?? Number.POSITIVE_INFINITY;
      if (from >= first && from < first + kept.length) return kept.slice(from - first, from - first + readSize);
      const place = `${topic} ${partition} ${from}`;
      const reading = underWay.get(place) ?? read(topic, partition, from).finally(() => underWay.delete(place));
      underWay.set(place, reading);
      return reading;
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
