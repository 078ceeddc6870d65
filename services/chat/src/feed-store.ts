import { randomBytes } from "node:crypto";
import type { Database, Db } from "@lyceum/database";
import type { MemberRole } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { and, eq, gte, sql } from "drizzle-orm";
import type { FeedIdentity } from "./live/cursor.ts";
import type { Membership } from "./live/hub.ts";
import { feeds, members } from "./schema.ts";

/**
 * Which log of changes this database keeps; made by the first start. Numbers of transactions mean nothing in a database that
 * was restored into another server: then the log begins anew, and all cursors of the old one are foreign.
 */
export function openFeed(database: Database): Promise<FeedIdentity> {
  return database.transaction(async (tx) => {
    await tx.insert(feeds).values(newFeed()).onConflictDoNothing();
    const [feed] = await tx.select().from(feeds).for("update");
    if (!feed) throw new Error("The row that was just inserted is there.");
    const [restored] = await tx.execute(sql`
      select 1 from (
        select max(xid) as xid from changes union all select max(xid) from members union all select ${feed.floor}::bigint - 1
      ) written
      where xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint limit 1`);
    if (!restored) return feed;
    const renewed = newFeed();
    await tx.execute(sql`delete from changes`);
    await tx.execute(sql`update members set xid = 0`);
    await tx.update(feeds).set({ ...renewed, floor: 0 });
    return renewed;
  });
}

function newFeed(): FeedIdentity {
  return { id: randomBytes(8).toString("hex"), secret: randomBytes(32).toString("hex") };
}

/** Where the log stands: all transactions below `horizon` are over, and none at or above `end` has begun; below `floor` nothing is kept. */
export type Outlook = { readonly horizon: number; readonly end: number; readonly floor: number };

export async function readOutlook(db: Db): Promise<Outlook> {
  const [row] = await db.execute<Outlook>(sql`
    select pg_snapshot_xmin(s)::text::float8 as horizon, pg_snapshot_xmax(s)::text::float8 as "end",
      (select floor::float8 from feeds) as floor
    from pg_current_snapshot() as s`);
  if (!row) throw new Error("A snapshot has one row.");
  return row;
}

/** What has happened since a horizon, and the one up to which that is all. */
export type News = {
  readonly horizon: number;
  /** The last change of each room that had one. */
  readonly rooms: readonly { readonly roomId: string; readonly lastChange: number }[];
  /** Who came into rooms, by which change. */
  readonly joins: readonly { readonly userId: string; readonly roomId: string; readonly change: number }[];
};

/** Reads all of it from one snapshot. */
export async function readNews(db: Db, since: number): Promise<News> {
  const [row] = await db.execute<{ news: News }>(sql`
    select jsonb_build_object(
      'horizon', pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
      'rooms', coalesce((
        select jsonb_agg(jsonb_build_object('roomId', room_id, 'lastChange', last))
        from (select room_id, max(change) as last from changes where xid >= ${since} group by room_id) changed), '[]'),
      'joins', coalesce((
        select jsonb_agg(jsonb_build_object('userId', user_id, 'roomId', room_id, 'change', change))
        from members where xid >= ${since} and not removed), '[]')
    ) as news`);
  if (!row) throw new Error("An object has one row.");
  return row.news;
}

/** The rooms a person belongs to now. */
export async function listMemberships(db: Db, userId: string): Promise<Membership[]> {
  const rows = await db.execute<Membership>(sql`
    select m.room_id as "roomId", m.change::float8 as change, r.last_change::float8 as "lastChange"
    from members m join rooms r on r.id = m.room_id
    where m.user_id = ${userId} and not m.removed and r.delete_time is null`);
  return [...rows];
}

/** A room that a person no longer belongs to. */
export type Departure = { readonly roomId: string; readonly change: number; readonly role: MemberRole };

/** The rooms a person left, was removed from or that were deleted, since a horizon. */
export function listDepartures(db: Db, userId: string, since: number): Promise<Departure[]> {
  return db
    .select({ roomId: members.roomId, change: members.change, role: members.role })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.removed, true), gte(members.xid, since)));
}

/** A person's rooms that have changed since a horizon, and the last change in each that was over by then. */
export async function listNewsFor(db: Db, userId: string, since: number): Promise<{ roomId: string; after: number }[]> {
  // Changes of one room commit in their order. So a transaction below the horizon, which was over by then, had all changes
  // before its own over by then too: what is to be told comes after the last of them, and is found from the end.
  const rows = await db.execute<{ roomId: string; after: number }>(sql`
    select m.room_id as "roomId", greatest(m.join_change - 1, coalesce(over.change, 0))::float8 as after
    from members m join rooms r on r.id = m.room_id
    left join lateral (
      select c.change from changes c where c.room_id = m.room_id and c.xid < ${since} order by c.change desc limit 1
    ) over on true
    where m.user_id = ${userId} and not m.removed and r.delete_time is null
      and r.last_change > greatest(m.join_change - 1, coalesce(over.change, 0))
    order by m.room_id`);
  return [...rows];
}

/** Drops changes that happened before a time, and what is left of departures; whoever was away longer starts anew. */
export async function dropOldChanges(database: Database, before: Date): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`
      with dropped as (delete from changes where time < ${before.toISOString()}::timestamptz returning xid),
        gone as (delete from members where removed and applied and change_time < ${before.toISOString()}::timestamptz
          returning xid)
      update feeds set floor = greatest(floor,
        (select max(xid) + 1 from (select xid from dropped union all select xid from gone) all_dropped))`);
  });
}
