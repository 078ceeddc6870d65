import { type Db, storable } from "@lyceum/database";
import type { TimePosition } from "@lyceum/service";
import { and, count, desc, eq, inArray, or, sql } from "drizzle-orm";
import { blocks, profiles } from "./schema.ts";
import type { ProfileRow } from "./store.ts";

/** Notes that a person has blocked another, once. */
export async function insertBlock(db: Db, userId: string, blockedId: string, now: Date): Promise<void> {
  await db.insert(blocks).values({ userId, blockedId, createTime: now }).onConflictDoNothing();
}

export async function deleteBlock(db: Db, userId: string, blockedId: string): Promise<void> {
  await db.delete(blocks).where(and(eq(blocks.userId, userId), eq(blocks.blockedId, storable(blockedId))));
}

export async function countBlocks(db: Db, userId: string): Promise<number> {
  const [row] = await db.select({ blocked: count() }).from(blocks).where(eq(blocks.userId, userId));
  return row?.blocked ?? 0;
}

/** Those of `amongIds` who have blocked `userId`. */
export async function listBlockers(db: Db, userId: string, amongIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ userId: blocks.userId })
    .from(blocks)
    .where(and(eq(blocks.blockedId, storable(userId)), inArray(blocks.userId, amongIds.map(storable))));
  return rows.map((row) => row.userId);
}

/** True if one of two people has blocked the other. */
export async function isBlockBetween(db: Db, one: string, other: string): Promise<boolean> {
  const blocked = (by: string, whom: string) => and(eq(blocks.userId, by), eq(blocks.blockedId, whom));
  const rows = await db
    .select({ userId: blocks.userId })
    .from(blocks)
    .where(or(blocked(one, other), blocked(other, one)))
    .limit(1);
  return rows.length > 0;
}

/** A page of those whom a person has blocked, the latest first. */
export function listBlocked(
  db: Db,
  userId: string,
  { after, limit }: { after: TimePosition | undefined; limit: number },
): Promise<{ profile: ProfileRow; time: Date }[]> {
  const { createTime, blockedId } = blocks;
  return db
    .select({ profile: profiles, time: createTime })
    .from(blocks)
    .innerJoin(profiles, eq(profiles.userId, blockedId))
    .where(
      and(
        eq(blocks.userId, userId),
        after && sql`(${createTime}, ${blockedId}) < (${after.time.toISOString()}::timestamptz, ${storable(after.id)})`,
      ),
    )
    .orderBy(desc(createTime), desc(blockedId))
    .limit(limit);
}
