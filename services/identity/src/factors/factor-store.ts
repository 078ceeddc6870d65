import type { Db } from "@lyceum/database";
import { and, eq, gte, isNotNull, lt, sql } from "drizzle-orm";
import {
  linkedProviders,
  mfaChallenges,
  passkeys,
  passwords,
  recoveryCodes,
  sealingKeys,
  totpFactors,
  users,
} from "../schema.ts";
import type { UserRow } from "../store.ts";

export type TotpRow = typeof totpFactors.$inferSelect;
export type ChallengeRow = typeof mfaChallenges.$inferSelect;

/** How a person can sign in. */
export type Factors = {
  readonly password: boolean;
  /** True if an authenticator app is enrolled and confirmed. */
  readonly totp: boolean;
  readonly recoveryCodes: number;
  readonly passkeys: number;
  /** How many accounts elsewhere sign in here. */
  readonly providers: number;
};

/** True if a person can sign in at all. */
export function canSignIn({ password, passkeys, providers }: Factors): boolean {
  return password || passkeys > 0 || providers > 0;
}

export async function findFactors(db: Db, userId: string): Promise<Factors> {
  const [row] = await db
    .select({
      password: sql<boolean>`exists (select 1 from ${passwords} where ${passwords.userId} = ${userId})`,
      totp: sql<boolean>`exists (select 1 from ${totpFactors}
        where ${totpFactors.userId} = ${userId} and ${totpFactors.confirmTime} is not null)`,
      recoveryCodes: sql<number>`(select count(*)::int from ${recoveryCodes} where ${recoveryCodes.userId} = ${userId})`,
      passkeys: sql<number>`(select count(*)::int from ${passkeys} where ${passkeys.userId} = ${userId})`,
      providers: sql<number>`(select count(*)::int from ${linkedProviders} where ${linkedProviders.userId} = ${userId})`,
    })
    .from(users)
    .where(eq(users.id, userId));
  return row ?? { password: false, totp: false, recoveryCodes: 0, passkeys: 0, providers: 0 };
}

/** Locks an account while its factors change, so that two changes at once see each other. */
export async function lockUser(db: Db, userId: string): Promise<UserRow | undefined> {
  const [row] = await db.select().from(users).where(eq(users.id, userId)).for("update");
  return row;
}

/** A person's authenticator app, its row locked. */
export async function lockTotp(db: Db, userId: string): Promise<TotpRow | undefined> {
  const [row] = await db.select().from(totpFactors).where(eq(totpFactors.userId, userId)).for("update");
  return row;
}

/** Keeps a new secret until its app proves to have it, in place of one that waited. */
export async function putTotp(db: Db, factor: { userId: string; secret: string; createTime: Date }): Promise<void> {
  const { secret, createTime } = factor;
  await db
    .insert(totpFactors)
    .values(factor)
    .onConflictDoUpdate({ target: totpFactors.userId, set: { secret, createTime, lastStep: null } });
}

/** Notes the step of a code that was taken; the first one confirms the app. */
export async function takeTotpStep(db: Db, userId: string, step: number, now: Date): Promise<void> {
  await db
    .update(totpFactors)
    .set({ lastStep: step, confirmTime: sql`coalesce(${totpFactors.confirmTime}, ${now.toISOString()}::timestamptz)` })
    .where(eq(totpFactors.userId, userId));
}

/** Forgets a person's authenticator app; false if none was confirmed. */
export async function deleteTotp(db: Db, userId: string): Promise<boolean> {
  const gone = await db
    .delete(totpFactors)
    .where(and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmTime)))
    .returning();
  return gone.length > 0;
}

/** Gives a person new recovery codes in place of those they have. */
export async function replaceRecoveryCodes(db: Db, userId: string, hashes: readonly string[]): Promise<void> {
  await db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  if (hashes.length > 0) await db.insert(recoveryCodes).values(hashes.map((hash) => ({ userId, hash })));
}

/** Uses a recovery code up; false if it is none of the person's. */
export async function takeRecoveryCode(db: Db, userId: string, hash: string): Promise<boolean> {
  const gone = await db
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.hash, hash)))
    .returning();
  return gone.length > 0;
}

/** Forgets the authenticator app, passkeys and providers of a person that were added since a time. */
export async function deleteFactors(db: Db, userId: string, since: Date): Promise<void> {
  await db.delete(totpFactors).where(and(eq(totpFactors.userId, userId), gte(totpFactors.createTime, since)));
  await db.delete(passkeys).where(and(eq(passkeys.userId, userId), gte(passkeys.createTime, since)));
  await db.delete(linkedProviders).where(and(eq(linkedProviders.userId, userId), gte(linkedProviders.linkTime, since)));
}

export async function insertChallenge(db: Db, challenge: typeof mfaChallenges.$inferInsert): Promise<void> {
  await db.insert(mfaChallenges).values(challenge);
}

/** Whose sign-in it is that waits for a second factor. */
export async function findChallenged(db: Db, hash: string): Promise<string | undefined> {
  const [row] = await db
    .select({ userId: mfaChallenges.userId })
    .from(mfaChallenges)
    .where(eq(mfaChallenges.hash, hash));
  return row?.userId;
}

/** A sign-in that waits for its second factor, its row locked. */
export async function lockChallenge(db: Db, hash: string): Promise<ChallengeRow | undefined> {
  const [row] = await db.select().from(mfaChallenges).where(eq(mfaChallenges.hash, hash)).for("update");
  return row;
}

export async function countTry(db: Db, hash: string): Promise<void> {
  await db
    .update(mfaChallenges)
    .set({ tries: sql`${mfaChallenges.tries} + 1` })
    .where(eq(mfaChallenges.hash, hash));
}

/** Ends all sign-ins of a person that wait for a second factor. */
export async function deleteChallengesOf(db: Db, userId: string): Promise<void> {
  await db.delete(mfaChallenges).where(eq(mfaChallenges.userId, userId));
}

export async function deleteChallenge(db: Db, hash: string): Promise<void> {
  await db.delete(mfaChallenges).where(eq(mfaChallenges.hash, hash));
}

/** Forgets sign-ins that nobody ended. */
export async function deleteOldChallenges(db: Db, now: Date): Promise<void> {
  await db.delete(mfaChallenges).where(lt(mfaChallenges.expireTime, now));
}

/** The fingerprint of the key that secrets are sealed with, if any are. */
export async function findSealingKey(db: Db): Promise<string | undefined> {
  const [row] = await db.select().from(sealingKeys);
  return row?.fingerprint;
}

/** Notes which key seals, unless one does already; answers the one that does. */
export async function claimSealingKey(db: Db, fingerprint: string): Promise<string | undefined> {
  await db.insert(sealingKeys).values({ fingerprint }).onConflictDoNothing();
  return findSealingKey(db);
}
