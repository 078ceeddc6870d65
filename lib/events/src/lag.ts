import type { Database } from "@lyceum/database";

/** How far a group is behind in one topic. */
export type GroupLag = {
  readonly group: string;
  readonly topic: string;
  /** Events in the log that the group has not passed. */
  readonly behind: number;
  /** Events set aside that are tried again, or wait behind one that is. */
  readonly parked: number;
  /** Of those, the ones given up: they wait for a person. */
  readonly dead: number;
};

/** How far a group is behind in one partition. */
export type PartitionLag = GroupLag & {
  readonly partition: number;
  /** The offset of the event it handles next. */
  readonly next: number;
  /** The offset after the last event in the log. */
  readonly end: number;
};

type ReadEnds = (topic: string) => Promise<number[]>;
type CursorRow = Omit<PartitionLag, "behind" | "end">;

/** The lag of every group whose cursors are in this database, partition by partition. */
export async function readPartitionLag({ sql }: Database, readEnds: ReadEnds): Promise<PartitionLag[]> {
  const cursors = await sql<CursorRow[]>`
    with parking as (
      select consumer_group, topic, partition, count(*) as parked, count(*) filter (where dead) as dead
      from parked_events group by 1, 2, 3)
    select c.consumer_group as group, c.topic, c.partition, c.next_offset::float8 as next,
      coalesce(p.parked, 0)::int as parked, coalesce(p.dead, 0)::int as dead
    from event_cursors c left join parking p using (consumer_group, topic, partition) order by 1, 2, 3`;
  const topics = [...new Set(cursors.map(({ topic }) => topic))];
  const ends = new Map(await Promise.all(topics.map(async (topic) => [topic, await readEnds(topic)] as const)));
  return cursors.map((cursor) => {
    const end = ends.get(cursor.topic)?.[cursor.partition] ?? 0;
    return { ...cursor, end, behind: Math.max(0, end - cursor.next) };
  });
}

/** The lag of every group whose cursors are in this database. */
export async function readLag(database: Database, readEnds: ReadEnds): Promise<GroupLag[]> {
  const partitions = await readPartitionLag(database, readEnds);
  const byTopic = Map.groupBy(partitions, ({ group, topic }) => `${group} ${topic}`);
  return [...byTopic.values()].map((ofTopic) => {
    const { group, topic } = ofTopic[0] as PartitionLag;
    const sum = (field: "behind" | "parked" | "dead") => ofTopic.reduce((total, one) => total + one[field], 0);
    return { group, topic, behind: sum("behind"), parked: sum("parked"), dead: sum("dead") };
  });
}
