import { type Db, storable } from "@lyceum/database";
import { eq, inArray, sql } from "drizzle-orm";
import type { ProfileFields } from "./profile.ts";
import { profiles } from "./schema.ts";

export type ProfileRow = typeof profiles.$inferSelect;

/** The profiles there are of these people. */
export function listProfiles(db: Db, userIds: readonly string[]): Promise<ProfileRow[]> {
  return db
    .select()
    .from(profiles)
    .where(inArray(profiles.userId, userIds.map(storable)));
}

/** Adds profiles; answers those that were not there before. */
export function insertProfiles(db: Db, rows: (typeof profiles.$inferInsert)[]): Promise<ProfileRow[]> {
  return db.insert(profiles).values(rows).onConflictDoNothing().returning();
}

/** One person's profile, its row locked. */
export async function lockProfile(db: Db, userId: string): Promise<ProfileRow | undefined> {
  const [row] = await db.select().from(profiles).where(eq(profiles.userId, userId)).for("update");
  return row;
}

/** Writes the fields of a locked profile and raises its version. */
export async function updateProfileFields(
  db: Db,
  userId: string,
  fields: ProfileFields,
  now: Date,
): Promise<ProfileRow> {
  const [row] = await db
    .update(profiles)
    .set({ ...fields, updateTime: now, version: sql`${profiles.version} + 1` })
    .where(eq(profiles.userId, userId))
    .returning();
  if (!row) throw new Error("A locked profile cannot disappear.");
  return row;
}
