import type { Group } from "./delivery.ts";

/** The log does not hold what a group has handled, or no longer what it has yet to handle. */
export class LostLogError extends Error {
  override readonly name = "LostLogError";
}

/** The group's cursors of a topic by partition, set to the log's beginning where there are none. */
export async function openCursors(group: Group, topic: string, ends: readonly number[]): Promise<number[]> {
  const { sql } = group.database;
  await sql`
    insert into event_cursors (consumer_group, topic, partition, next_offset)
    select ${group.name}, ${topic}, generate_series(0, ${ends.length - 1}::int), 0 on conflict do nothing`;
  const cursors = await sql<{ partition: number; next: number }[]>`
    select partition, next_offset::float8 as next from event_cursors
    where consumer_group = ${group.name} and topic = ${topic} order by partition`;
  for (const { partition, next } of cursors) {
    if (next > (ends[partition] ?? 0)) {
      throw new LostLogError(
        `${group.name} has handled ${next} events of partition ${partition} of ${topic}, but the log has ${ends[partition] ?? 0}: the event log was lost or replaced.`,
      );
    }
  }
  return cursors.map(({ next }) => next);
}
