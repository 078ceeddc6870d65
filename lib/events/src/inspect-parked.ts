import type { Database } from "@lyceum/database";

/** A parked event that its group tries again or has given up, for an operator. */
export type ParkedHead = {
  readonly group: string;
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly type: string;
  readonly source: string;
  readonly key: string;
  readonly traceparent: string | null;
  /** Tries made since it was parked. */
  readonly attempts: number;
  /** True once nothing but a requeue moves it. */
  readonly dead: boolean;
  /** Why the last try failed. */
  readonly cause: string;
  /** When it happened, was parked and is tried next; ISO 8601. */
  readonly time: string;
  readonly parkedAt: string;
  readonly nextAttemptAt: string;
  /** Later events of its key that wait for it. */
  readonly behind: number;
  readonly body: Uint8Array;
};

/** Which parked events are meant. */
export type ParkedChoice = {
  /** These ids; all by default. */
  readonly ids?: readonly string[];
  /** Those given up only. */
  readonly deadOnly?: boolean;
};

/** The first parked event of each key, the longest parked first: what waits behind it is only counted. */
export async function listParked(
  { sql }: Database,
  { ids, deadOnly = false }: ParkedChoice = {},
): Promise<ParkedHead[]> {
  const iso = (column: string) => sql.unsafe(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
  return sql<ParkedHead[]>`
    select consumer_group as group, event_id as id, topic, partition, log_offset::float8 as "offset", type, source, key,
      traceparent, attempts, dead, coalesce(error, '') as cause, ${iso("time")} as time, ${iso("parked_at")} as "parkedAt",
      ${iso("next_attempt_at")} as "nextAttemptAt", (count - 1)::int as behind, body
    from (select *, row_number() over keys as place, count(*) over (partition by consumer_group, topic, key) as count
      from parked_events window keys as (partition by consumer_group, topic, key order by log_offset)) as parked
    where place = 1 ${deadOnly ? sql`and dead` : sql``} ${ids ? sql`and event_id in ${sql(["", ...ids])}` : sql``}
    order by parked_at, topic, key, log_offset`;
}

/** Has parked events tried anew at once, by their group's running members; those of their keys follow in order. */
export async function requeueParked(database: Database, heads: readonly ParkedHead[]): Promise<void> {
  await database.transaction(async (tx) => {
    for (const { group, topic, key, offset } of heads) {
      await database.sqlOf(tx)`
        update parked_events set attempts = 0, dead = false, next_attempt_at = now()
        where consumer_group = ${group} and topic = ${topic} and key = ${key} and log_offset = ${offset}`;
    }
  });
}
