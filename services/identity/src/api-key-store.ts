import { type Db, storable } from "@lyceum/database";
import { and, count, desc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { apiKeys, users } from "./schema.ts";
import type { UserRow } from "./store.ts";

export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** How far the time of last use may lag, so that a busy key does not write at each exchange. */
const lastUsedStepMs = 60_000;

/** Locks an account while its keys are counted and one is added. */
export async function countApiKeys(db: Db, userId: string): Promise<number> {
  await db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("update");
  const [row] = await db
    .select({ keys: count() })
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokeTime)));
  return row?.keys ?? 0;
}

export async function insertApiKey(db: Db, key: typeof apiKeys.$inferInsert): Promise<ApiKeyRow> {
  const [row] = await db
    .insert(apiKeys)
    .values({ ...key, name: storable(key.name) })
    .returning();
  if (!row) throw new Error("An insert answers its row.");
  return row;
}

/** A person's keys that were not revoked, the latest first; `after` is the last id of the page before. */
export function listApiKeys(
  db: Db,
  query: { userId: string; limit: number; after: string | undefined },
): Promise<ApiKeyRow[]> {
  return db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.userId, query.userId),
        isNull(apiKeys.revokeTime),
        query.after === undefined ? undefined : lt(apiKeys.id, storable(query.after)),
      ),
    )
    .orderBy(desc(apiKeys.id))
    .limit(query.limit);
}

/** The key with this hash and its owner. */
export async function findApiKey(db: Db, hash: string): Promise<{ key: ApiKeyRow; user: UserRow } | undefined> {
  const [row] = await db
    .select({ key: apiKeys, user: users })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.hash, hash));
  return row;
}

/** Notes that a key is used. */
export async function touchApiKey(db: Db, keyId: string, now: Date): Promise<void> {
  const before = new Date(now.getTime() - lastUsedStepMs);
  await db
    .update(apiKeys)
    .set({ lastUsedTime: now })
    .where(and(eq(apiKeys.id, keyId), or(isNull(apiKeys.lastUsedTime), lt(apiKeys.lastUsedTime, before))));
}

/** Raises the version of the key named, or of all that expired before a time; answers those that had not ended before. */
export function expireApiKeys(db: Db, which: { keyId: string } | { before: Date }): Promise<ApiKeyRow[]> {
  const chosen = "keyId" in which ? eq(apiKeys.id, which.keyId) : lt(apiKeys.expireTime, which.before);
  return (
    db
      .update(apiKeys)
      .set({ version: sql`${apiKeys.version} + 1` })
      // Nothing but its end raises a key's version.
      .where(and(chosen, isNull(apiKeys.revokeTime), eq(apiKeys.version, 1)))
      .returning()
  );
}

/** Forgets keys that were revoked or expired before a time. */
export async function deleteEndedApiKeys(db: Db, before: Date): Promise<void> {
  await db.delete(apiKeys).where(or(lt(apiKeys.revokeTime, before), lt(apiKeys.expireTime, before)));
}

/** Ends a person's keys, or the one named; answers those that were not revoked before. */
export function revokeApiKeys(db: Db, userId: string, keyId: string | undefined, now: Date): Promise<ApiKeyRow[]> {
  return db
    .update(apiKeys)
    .set({ revokeTime: now, version: sql`${apiKeys.version} + 1` })
    .where(
      and(
        eq(apiKeys.userId, userId),
        isNull(apiKeys.revokeTime),
        keyId === undefined ? undefined : eq(apiKeys.id, storable(keyId)),
      ),
    )
    .returning();
}
