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

/** The lag of every group whose cursors are in this database. */
export async function readLag({ sql }: Database, readEnds: (topic: string) => Promise<number[]>): Promise<GroupLag[]> {
  const cursors = await sql<{ group: string; topic: string; passed: number; parked: number; dead: number }[]>`
    select c.consumer_group as group, c.topic, sum(c.next_offset)::float8 as passed,
      (select count(*) from parked_events p where p.consumer_group = c.consumer_group and p.topic = c.topic)::int as parked,
      (select count(*) from parked_events p where p.consumer_group = c.consumer_group and p.topic = c.topic and p.dead)::int
        as dead
    from event_cursors c group by c.consumer_group, c.topic order by 1, 2`;
  return Promise.all(
    cursors.map(async ({ group, topic, passed, parked, dead }) => {
      const ends = await readEnds(topic);
      const behind = Math.max(0, ends.reduce((sum, end) => sum + end, 0) - passed);
      return { group, topic, behind, parked, dead };
    }),
  );
}
