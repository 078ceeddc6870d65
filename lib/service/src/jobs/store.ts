import type { Transaction } from "@lyceum/database";
import { sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { newId } from "../new-id.ts";

/** A job whose try is under way here. */
export type ClaimedJob = {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly lane: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly traceparent: string | null;
  readonly lease: string;
};

type NewJob = {
  kind: string;
  key: string;
  lane: string;
  payload: unknown;
  delayMs: number;
  traceparent: string | undefined;
};
type Db = Pick<PostgresJsDatabase, "execute">;

/** Adds a job; takes the place of one with the same kind and key that waits, and waits no longer than that one would have. */
export async function putJob(tx: Transaction, job: NewJob): Promise<void> {
  const { kind, key, lane, delayMs, traceparent = null } = job;
  await tx.execute(sql`
    insert into jobs (id, kind, key, lane, payload, traceparent, run_after)
    values (${newId()}, ${kind}, ${key}, ${lane}, ${JSON.stringify(job.payload ?? null)}::jsonb, ${traceparent},
      now() + ${delayMs} * interval '1 ms')
    on conflict (kind, key) where lease is null
    do update set lane = excluded.lane, payload = excluded.payload, traceparent = excluded.traceparent,
      attempt = 0, run_after = least(jobs.run_after, excluded.run_after)`);
}

export async function deleteJobs(tx: Transaction, kind: string, key: string): Promise<void> {
  await tx.execute(sql`delete from jobs where kind = ${kind} and key = ${key}`);
}

/** How lanes take turns. */
export type Turns = {
  /** A lane with so many running waits, so that no one holds every place. */
  readonly maxPerLane: number;
  /** Lanes that had their turn, the latest last; the others go before them. */
  readonly served: readonly string[];
};

/**
 * Takes the next job of a kind: that of the lane with the fewest running, then of the one whose turn is longest ago, then the
 * oldest. A job whose lease ran out is taken again; one waits while another with its key holds a lease.
 */
export async function claimJob(db: Db, kind: string, leaseMs: number, turns: Turns): Promise<ClaimedJob | undefined> {
  const rows = await db.execute<ClaimedJob>(sql`
    with running as (
      select lane, count(*) as count from jobs
      where kind = ${kind} and lease is not null and lease_end > now() group by lane
    ), served as (
      select lane, turn from jsonb_array_elements_text(${JSON.stringify(turns.served)}::jsonb) with ordinality as t(lane, turn)
    ), next as (
      select jobs.id from jobs left join running on running.lane = jobs.lane left join served on served.lane = jobs.lane
      where jobs.kind = ${kind} and jobs.run_after <= now() and (jobs.lease is null or jobs.lease_end <= now())
        and (jobs.lease is not null or not exists (
          select 1 from jobs other where other.kind = jobs.kind and other.key = jobs.key and other.lease is not null))
        and coalesce(running.count, 0) < ${turns.maxPerLane}
      order by coalesce(running.count, 0), coalesce(served.turn, 0), jobs.create_time, jobs.id
      limit 1 for update of jobs skip locked
    )
    update jobs set lease = ${newId()}, lease_end = now() + ${leaseMs} * interval '1 ms', attempt = attempt + 1
    from next where jobs.id = next.id
    returning jobs.id, kind, key, lane, payload, attempt, traceparent, lease`);
  return rows[0];
}

/** Lengthens leases; answers those that still hold. */
export async function renewLeases(db: Db, leases: readonly string[], leaseMs: number): Promise<ReadonlySet<string>> {
  const rows = await db.execute<{ lease: string }>(sql`
    update jobs set lease_end = now() + ${leaseMs} * interval '1 ms'
    where lease in (${sql.join(
      leases.map((lease) => sql`${lease}`),
      sql`, `,
    )}) returning lease`);
  return new Set(rows.map(({ lease }) => lease));
}

/** Removes a job if its lease still holds; says whether it did. */
export async function removeJob(db: Db, { id, lease }: ClaimedJob): Promise<boolean> {
  const rows = await db.execute(sql`delete from jobs where id = ${id} and lease = ${lease} returning id`);
  return rows.length > 0;
}

/** Ends a try: the job waits `delayMs` for its next one, or goes if a newer one with its key waits already. */
export async function releaseJob(db: Db, { id, lease }: ClaimedJob, attempt: number, delayMs: number): Promise<void> {
  const replaced = await db.execute(sql`
    delete from jobs where id = ${id} and lease = ${lease} and exists (
      select 1 from jobs other where other.kind = jobs.kind and other.key = jobs.key and other.lease is null)
    returning id`);
  if (replaced.length > 0) return;
  await db.execute(sql`
    update jobs set lease = null, lease_end = null, attempt = ${attempt}, run_after = now() + ${delayMs} * interval '1 ms'
    where id = ${id} and lease = ${lease}`);
}

/** Ends all leases at once, for a start that knows no other process to hold one. */
export async function endLeases(db: Db): Promise<void> {
  await db.execute(sql`update jobs set lease_end = now() where lease is not null`);
}
