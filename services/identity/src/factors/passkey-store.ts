import { type Db, storable } from "@lyceum/database";
import { and, desc, eq, gt, isNull, lt } from "drizzle-orm";
import { passkeyChallenges, passkeys, users } from "../schema.ts";
import type { UserRow } from "../store.ts";

export type PasskeyRow = typeof passkeys.$inferSelect;

export async function insertPasskeyChallenge(db: Db, challenge: typeof passkeyChallenges.$inferInsert): Promise<void> {
  await db.insert(passkeyChallenges).values(challenge);
}

/** Uses a challenge up, whatever comes of it; false if none waits for this person, or for anybody where none is named. */
export async function takePasskeyChallenge(
  db: Db,
  { hash, userId }: { hash: string; userId: string | undefined },
  now: Date,
): Promise<boolean> {
  const gone = await db
    .delete(passkeyChallenges)
    .where(
      and(
        eq(passkeyChallenges.hash, hash),
        gt(passkeyChallenges.expireTime, now),
        userId === undefined ? isNull(passkeyChallenges.userId) : eq(passkeyChallenges.userId, userId),
      ),
    )
    .returning();
  return gone.length > 0;
}

/** Forgets challenges that nobody answered. */
export async function deleteOldPasskeyChallenges(db: Db, now: Date): Promise<void> {
  await db.delete(passkeyChallenges).where(lt(passkeyChallenges.expireTime, now));
}

/** Adds a passkey; undefined if somebody has it already. */
export async function insertPasskey(db: Db, passkey: typeof passkeys.$inferInsert): Promise<PasskeyRow | undefined> {
  const [row] = await db.insert(passkeys).values(passkey).onConflictDoNothing().returning();
  return row;
}

/** A person's passkeys, the latest first. */
export function listPasskeys(db: Db, userId: string): Promise<PasskeyRow[]> {
  return db.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(desc(passkeys.id));
}

/** The passkey of an authenticator's credential, its row locked, and its owner. */
export async function lockPasskey(
  db: Db,
  credentialId: string,
): Promise<{ passkey: PasskeyRow; user: UserRow } | undefined> {
  const [row] = await db
    .select({ passkey: passkeys, user: users })
    .from(passkeys)
    .innerJoin(users, eq(users.id, passkeys.userId))
    .where(eq(passkeys.credentialId, storable(credentialId)))
    .for("update", { of: passkeys });
  return row;
}

/** Notes that a passkey was used. */
export async function touchPasskey(
  db: Db,
  { id, counter, backedUp }: { id: string; counter: number; backedUp: boolean },
  now: Date,
): Promise<void> {
  await db.update(passkeys).set({ counter, backedUp, lastUsedTime: now }).where(eq(passkeys.id, id));
}

/** Forgets a person's passkey; false if they have no such one. */
export async function deletePasskey(db: Db, userId: string, passkeyId: string): Promise<boolean> {
  const gone = await db
    .delete(passkeys)
    .where(and(eq(passkeys.userId, userId), eq(passkeys.id, storable(passkeyId))))
    .returning();
  return gone.length > 0;
}
