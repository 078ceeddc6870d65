import { type Db, storable } from "@lyceum/database";
import { and, asc, eq, exists, gt, gte, inArray, lt, notExists, or, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import { toNameWords, wordRules } from "./name-words.ts";
import type { ProfileFields } from "./profile.ts";
import { avatars, blocks, nameWords, profiles } from "./schema.ts";

export type ProfileRow = typeof profiles.$inferSelect;

/** The profiles there are of these people. */
export function listProfiles(db: Db, userIds: readonly string[]): Promise<ProfileRow[]> {
  return db
    .select()
    .from(profiles)
    .where(inArray(profiles.userId, userIds.map(storable)));
}

/** Adds profiles; answers those that were not there before. */
export async function insertProfiles(db: Db, rows: (typeof profiles.$inferInsert)[]): Promise<ProfileRow[]> {
  const inserted = await db
    .insert(profiles)
    .values(rows.map((row) => ({ ...row, wordRules })))
    .onConflictDoNothing()
    .returning();
  await insertWords(db, inserted);
  return inserted;
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
  const updated = await update(db, userId, { ...fields, wordRules }, now);
  await db.delete(nameWords).where(eq(nameWords.userId, userId));
  await insertWords(db, [updated]);
  return updated;
}

/** Gives a locked profile another avatar, or none, and raises its version. */
export async function storeAvatar(
  db: Db,
  userId: string,
  avatar: { bytes: Uint8Array; hash: string } | undefined,
  now: Date,
): Promise<ProfileRow> {
  if (avatar) {
    const { bytes } = avatar;
    await db.insert(avatars).values({ userId, bytes }).onConflictDoUpdate({ target: avatars.userId, set: { bytes } });
  } else await db.delete(avatars).where(eq(avatars.userId, userId));
  return update(db, userId, { avatarHash: avatar?.hash ?? "" }, now);
}

/** Someone's avatar. */
export async function findAvatar(db: Db, userId: string): Promise<{ bytes: Uint8Array; hash: string } | undefined> {
  const [row] = await db
    .select({ bytes: avatars.bytes, hash: profiles.avatarHash })
    .from(avatars)
    .innerJoin(profiles, eq(profiles.userId, avatars.userId))
    .where(eq(avatars.userId, storable(userId)));
  return row;
}

/** Where a page of search results begins: after this word of this person. */
export type FoundAt = { readonly word: string; readonly userId: string };

/**
 * Those who may be found, are not blocked by `viewer` nor have blocked them, and whose names have, for each of `beginnings`, a word
 * that begins so; once each, by the first such word of the first beginning.
 */
export function searchByWords(
  db: Db,
  [first = "", ...others]: readonly string[],
  { viewer, after, limit }: { viewer: string; after: FoundAt | undefined; limit: number },
): Promise<{ word: string; profile: ProfileRow }[]> {
  const other = alias(nameWords, "other");
  const ofSamePerson = (...conditions: (SQL | undefined)[]) =>
    db
      .select({ one: sql`1` })
      .from(other)
      .where(and(eq(other.userId, nameWords.userId), ...conditions));
  const { word, userId } = nameWords;
  return db
    .select({ word, profile: profiles })
    .from(nameWords)
    .innerJoin(profiles, eq(profiles.userId, userId))
    .where(
      and(
        beginsWith(word, first),
        after && isAfter(after),
        notExists(blockBetween(db, userId, viewer)),
        notExists(ofSamePerson(beginsWith(other.word, first), lt(other.word, word))),
        ...others.map((beginning) => exists(ofSamePerson(beginsWith(other.word, beginning)))),
      ),
    )
    .orderBy(asc(word), asc(userId))
    .limit(limit);
}

/** The block of `viewer` by the person of a column, or the other way round. */
function blockBetween(db: Db, person: AnyPgColumn, viewer: string) {
  const blocked = (by: AnyPgColumn | string, whom: AnyPgColumn | string) =>
    and(eq(blocks.userId, by), eq(blocks.blockedId, whom));
  return db
    .select({ one: sql`1` })
    .from(blocks)
    .where(or(blocked(person, viewer), blocked(viewer, person)));
}

function isAfter(after: FoundAt): SQL | undefined {
  const [word, userId] = [storable(after.word), storable(after.userId)];
  return or(gt(nameWords.word, word), and(eq(nameWords.word, word), gt(nameWords.userId, userId)));
}

function beginsWith(word: AnyPgColumn, beginning: string): SQL | undefined {
  // No word holds U+10FFFF, the last character in the order of bytes.
  return and(gte(word, beginning), lt(word, `${beginning}\u{10ffff}`));
}

/** Cuts names into words that were not yet, or by older rules; answers how many there were, at most `limit`. */
export async function renewWords(db: Db, limit: number): Promise<number> {
  const stale = await db.select().from(profiles).where(lt(profiles.wordRules, wordRules)).limit(limit).for("update");
  const userIds = stale.map(({ userId }) => userId);
  if (userIds.length === 0) return 0;
  await db.delete(nameWords).where(inArray(nameWords.userId, userIds));
  await insertWords(db, stale);
  await db.update(profiles).set({ wordRules }).where(inArray(profiles.userId, userIds));
  return userIds.length;
}

async function insertWords(db: Db, rows: readonly ProfileRow[]): Promise<void> {
  const words = rows.flatMap(({ userId, displayName, discoverable }) =>
    discoverable ? toNameWords(displayName).map((word) => ({ word, userId })) : [],
  );
  if (words.length > 0) await db.insert(nameWords).values(words);
}

async function update(
  db: Db,
  userId: string,
  values: Partial<typeof profiles.$inferInsert>,
  now: Date,
): Promise<ProfileRow> {
  const [row] = await db
    .update(profiles)
    .set({ ...values, updateTime: now, version: sql`${profiles.version} + 1` })
    .where(eq(profiles.userId, userId))
    .returning();
  if (!row) throw new Error("A locked profile cannot disappear.");
  return row;
}
