import { type Db, storable } from "@lyceum/database";
import { and, desc, eq, gt, gte, inArray, isNull, lt, or, sql } from "drizzle-orm";
import { toNameKey } from "./account.ts";
import { liveSince } from "./refresh-token.ts";
import { passwords, refreshTokens, sessions, signingKeys, users } from "./schema.ts";

export type UserRow = typeof users.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;
export type RefreshTokenRow = typeof refreshTokens.$inferSelect;
export type SigningKeyRow = typeof signingKeys.$inferSelect;

/** How far the time a cookie was last used may lag, so that a busy page does not write at each exchange. */
const lastSeenStepMs = 60_000;

/** Adds an account, with its password if it has one; undefined if the address is taken. */
export async function insertUser(
  db: Db,
  user: Omit<typeof users.$inferInsert, "nameKey">,
  passwordHash: string | undefined,
): Promise<UserRow | undefined> {
  const [row] = await db
    .insert(users)
    .values({ ...user, nameKey: toNameKey(user.displayName) })
    .onConflictDoNothing({ target: users.emailKey })
    .returning();
  if (row && passwordHash !== undefined) await db.insert(passwords).values({ userId: row.id, hash: passwordHash });
  return row;
}

/** The account with this address and its password's hash, in one query whether or not there is one. */
export async function findUserByEmail(
  db: Db,
  emailKey: string,
): Promise<{ user: UserRow; passwordHash: string | undefined } | undefined> {
  const [row] = await db
    .select({ user: users, passwordHash: passwords.hash })
    .from(users)
    .leftJoin(passwords, eq(passwords.userId, users.id))
    .where(eq(users.emailKey, storable(emailKey)));
  return row && { user: row.user, passwordHash: row.passwordHash ?? undefined };
}

export async function findUser(db: Db, userId: string): Promise<UserRow | undefined> {
  const [row] = await db
    .select()
    .from(users)
    .where(eq(users.id, storable(userId)));
  return row;
}

/** An account and its password's hash. */
export async function findUserWithPassword(
  db: Db,
  userId: string,
): Promise<{ user: UserRow; passwordHash: string | undefined } | undefined> {
  const [row] = await db
    .select({ user: users, passwordHash: passwords.hash })
    .from(users)
    .leftJoin(passwords, eq(passwords.userId, users.id))
    .where(eq(users.id, storable(userId)));
  return row && { user: row.user, passwordHash: row.passwordHash ?? undefined };
}

/** Marks an account's address as verified; undefined if the account has another one. */
export async function setEmailVerified(db: Db, userId: string, emailKey: string): Promise<UserRow | undefined> {
  const [row] = await db
    .update(users)
    .set({ emailVerified: true })
    .where(and(eq(users.id, userId), eq(users.emailKey, emailKey)))
    .returning();
  return row;
}

/** Gives an account another address, which is verified. Fails on the unique key if it is taken. */
export async function setEmail(db: Db, userId: string, email: string, emailKey: string): Promise<UserRow> {
  const [row] = await db
    .update(users)
    .set({ email, emailKey, emailVerified: true })
    .where(eq(users.id, userId))
    .returning();
  if (!row) throw new Error("A locked account cannot disappear.");
  return row;
}

/** Sets an account's password, whether or not it had one. */
export async function setPassword(db: Db, userId: string, hash: string): Promise<void> {
  await db.insert(passwords).values({ userId, hash }).onConflictDoUpdate({ target: passwords.userId, set: { hash } });
}

/** Takes an account's password away: its person chooses a new one by mail. */
export async function deletePassword(db: Db, userId: string): Promise<void> {
  await db.delete(passwords).where(eq(passwords.userId, userId));
}

/** Keeps the same password under another hash, unless it was changed since `known` was read. */
export async function replacePassword(db: Db, userId: string, known: string, hash: string): Promise<void> {
  await db
    .update(passwords)
    .set({ hash })
    .where(and(eq(passwords.userId, userId), eq(passwords.hash, known)));
}

/** The accounts that exist among `userIds`. */
export function listUsers(db: Db, userIds: readonly string[]): Promise<UserRow[]> {
  return db
    .select()
    .from(users)
    .where(inArray(users.id, userIds.map(storable)));
}

/** Adds a session and its first refresh token, if it has one. */
export async function insertSession(
  db: Db,
  session: typeof sessions.$inferInsert,
  refreshTokenHash: string | undefined,
): Promise<void> {
  const token = refreshTokenHash !== undefined && { hash: refreshTokenHash, sessionId: session.id };
  await Promise.all([db.insert(sessions).values(session), token && db.insert(refreshTokens).values(token)]);
}

/** The live session whose cookie has this hash, and its owner. */
export async function findSessionOfCookie(
  db: Db,
  hash: string,
  now: Date,
): Promise<{ session: SessionRow; user: UserRow } | undefined> {
  const [row] = await db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.cookieHash, hash), isLive(now)));
  return row;
}

/** Notes that a session is used. */
export async function touchSession(db: Db, sessionId: string, now: Date): Promise<void> {
  await db
    .update(sessions)
    .set({ lastSeenTime: now })
    .where(and(eq(sessions.id, sessionId), lt(sessions.lastSeenTime, new Date(now.getTime() - lastSeenStepMs))));
}

/** Counts the tokens a session once had as another one's: one that comes back ends that. */
export async function moveRefreshTokens(db: Db, fromSessionId: string, toSessionId: string): Promise<void> {
  await db.update(refreshTokens).set({ sessionId: toSessionId }).where(eq(refreshTokens.sessionId, fromSessionId));
}

/** A person's live sessions, the latest first; `after` is the last id of the page before. */
export function listLiveSessions(
  db: Db,
  query: { userId: string; now: Date; limit: number; after: string | undefined },
): Promise<SessionRow[]> {
  return db
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, query.userId),
        isLive(query.now),
        query.after === undefined ? undefined : lt(sessions.id, storable(query.after)),
      ),
    )
    .orderBy(desc(sessions.id))
    .limit(query.limit);
}

/** True for sessions that were neither revoked nor left alone for too long. */
function isLive(now: Date) {
  const { idleSince, bornSince } = liveSince(now);
  return and(isNull(sessions.revokeTime), gte(sessions.lastSeenTime, idleSince), gte(sessions.createTime, bornSince));
}

/** A person's session, its row locked. */
export async function lockSession(db: Db, sessionId: string, userId: string): Promise<SessionRow | undefined> {
  const [row] = await db
    .select()
    .from(sessions)
    .where(and(eq(sessions.id, storable(sessionId)), eq(sessions.userId, userId)))
    .for("update");
  return row;
}

/** A person's live session. */
export async function findLiveSession(
  db: Db,
  { sessionId, userId }: { sessionId: string; userId: string },
  now: Date,
): Promise<SessionRow | undefined> {
  const [row] = await db
    .select()
    .from(sessions)
    .where(and(eq(sessions.id, storable(sessionId)), eq(sessions.userId, userId), isLive(now)));
  return row;
}

/** Notes that who uses a session has just proved who they are. */
export async function proveSession(db: Db, sessionId: string, amr: readonly string[], now: Date): Promise<void> {
  await db
    .update(sessions)
    .set({ amr: [...amr], authTime: now })
    .where(eq(sessions.id, sessionId));
}

/** A person's sessions that were not revoked, their rows locked. */
export function lockLiveSessions(db: Db, userId: string): Promise<SessionRow[]> {
  return db
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokeTime)))
    .orderBy(sessions.id)
    .for("update");
}

/** Marks a locked session as revoked; answers its new version. */
export async function revokeSession(db: Db, sessionId: string, now: Date): Promise<number> {
  const [row] = await db
    .update(sessions)
    .set({ revokeTime: now, version: sql`${sessions.version} + 1` })
    .where(eq(sessions.id, sessionId))
    .returning({ version: sessions.version });
  if (!row) throw new Error("A locked session cannot disappear.");
  return row.version;
}

/** The session that was given a refresh token with this hash, its row locked, and its owner. */
export async function lockSessionOfToken(
  db: Db,
  hash: string,
): Promise<{ token: RefreshTokenRow; session: SessionRow; user: UserRow } | undefined> {
  const [owner] = await db
    .select({ session: sessions, user: users })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(refreshTokens.hash, hash))
    .for("update", { of: sessions });
  if (!owner) return undefined;
  // Read after the lock is held: a refresh that held it before may just have replaced the token.
  const [token] = await db.select().from(refreshTokens).where(eq(refreshTokens.hash, hash));
  return token && { token, ...owner };
}

/** Replaces a locked session's latest refresh token by its successor: another one, or the session's cookie. */
export async function replaceRefreshToken(
  db: Db,
  token: RefreshTokenRow,
  successor: { hash: string; key: string; isCookie: boolean },
  now: Date,
): Promise<void> {
  await db
    .update(refreshTokens)
    .set({ replaceTime: now, successorKey: successor.key })
    .where(eq(refreshTokens.hash, token.hash));
  const { hash, isCookie } = successor;
  if (!isCookie) await db.insert(refreshTokens).values({ hash, sessionId: token.sessionId });
  await db
    .update(sessions)
    .set({ lastSeenTime: now, version: sql`${sessions.version} + 1`, ...(isCookie && { cookieHash: hash }) })
    .where(eq(sessions.id, token.sessionId));
}

/** Forgets sessions that ended long ago, which it answers, and tokens replaced so long ago that nobody could still hold them. */
export async function deleteEndedSessions(db: Db, now: Date): Promise<SessionRow[]> {
  const { idleSince, bornSince } = liveSince(now);
  // A revoked session is never seen again, so it idles out as well.
  const isOver = or(lt(sessions.lastSeenTime, idleSince), lt(sessions.createTime, bornSince));
  const ended = await db.delete(sessions).where(isOver).returning();
  await db.delete(refreshTokens).where(lt(refreshTokens.replaceTime, idleSince));
  return ended;
}

export async function findActiveSigningKey(db: Db): Promise<SigningKeyRow | undefined> {
  const [row] = await db.select().from(signingKeys).where(isNull(signingKeys.retireTime));
  return row;
}

/** The active signing key, its row locked: of those who would rotate it, one does. */
export async function lockActiveSigningKey(db: Db): Promise<SigningKeyRow | undefined> {
  const [row] = await db.select().from(signingKeys).where(isNull(signingKeys.retireTime)).for("update");
  return row;
}

export async function retireSigningKey(db: Db, kid: string, now: Date): Promise<void> {
  await db.update(signingKeys).set({ retireTime: now }).where(eq(signingKeys.kid, kid));
}

/** Marks the active signing key as due for its successor. */
export async function requestRotation(db: Db, now: Date): Promise<void> {
  await db.update(signingKeys).set({ dueTime: now }).where(isNull(signingKeys.retireTime));
}

/** Forgets keys that were retired before `before`. */
export async function deleteRetiredKeys(db: Db, before: Date): Promise<void> {
  await db.delete(signingKeys).where(lt(signingKeys.retireTime, before));
}

/** Adds the active signing key, unless there is one. */
export async function insertSigningKey(db: Db, key: SigningKeyRow): Promise<void> {
  await db.insert(signingKeys).values(key).onConflictDoNothing();
}

/** The public halves of the active key and of those retired after `since`. */
export function listPublicKeys(db: Db, since: Date): Promise<{ kid: string; publicKey: string }[]> {
  return db
    .select({ kid: signingKeys.kid, publicKey: signingKeys.publicKey })
    .from(signingKeys)
    .where(or(isNull(signingKeys.retireTime), gt(signingKeys.retireTime, since)))
    .orderBy(desc(signingKeys.createTime));
}
