import type { Db } from "@lyceum/database";
import { and, eq, gt, lt, sql } from "drizzle-orm";
import { type LinkPurpose, mailedLinks, pendingSignUps, signInCodes } from "./schema.ts";

export type MailedLinkRow = typeof mailedLinks.$inferSelect;
export type PendingSignUpRow = typeof pendingSignUps.$inferSelect;

export async function insertMailedLink(db: Db, link: MailedLinkRow): Promise<void> {
  await db.insert(mailedLinks).values(link);
}

/** What a link stands for, if it still holds. */
export async function findMailedLink(
  db: Db,
  hash: string,
  purpose: LinkPurpose,
  now: Date,
): Promise<MailedLinkRow | undefined> {
  const [row] = await db
    .select()
    .from(mailedLinks)
    .where(holds(hash, purpose, now));
  return row;
}

/** Uses a link up: what it stands for, or undefined if it was used, has ended or never was. */
export async function takeMailedLink(
  db: Db,
  hash: string,
  purpose: LinkPurpose,
  now: Date,
): Promise<MailedLinkRow | undefined> {
  const [row] = await db
    .delete(mailedLinks)
    .where(holds(hash, purpose, now))
    .returning();
  return row;
}

const holds = (hash: string, purpose: LinkPurpose, now: Date) =>
  and(eq(mailedLinks.hash, hash), eq(mailedLinks.purpose, purpose), gt(mailedLinks.expireTime, now));

/** Makes the links of a person worthless: all, or those of one purpose. */
export async function deleteMailedLinks(db: Db, userId: string, purpose?: LinkPurpose): Promise<void> {
  await db.delete(mailedLinks).where(and(eq(mailedLinks.userId, userId), purpose && eq(mailedLinks.purpose, purpose)));
}

export async function insertPendingSignUp(db: Db, signUp: typeof pendingSignUps.$inferInsert): Promise<void> {
  await db.insert(pendingSignUps).values(signUp);
}

export async function findPendingSignUp(db: Db, id: string): Promise<PendingSignUpRow | undefined> {
  const [row] = await db.select().from(pendingSignUps).where(eq(pendingSignUps.id, id));
  return row;
}

/** Gives a waiting sign-up the token that its mail will carry. */
export async function setSignUpToken(db: Db, id: string, tokenHash: string): Promise<void> {
  await db.update(pendingSignUps).set({ tokenHash }).where(eq(pendingSignUps.id, id));
}

export async function deletePendingSignUp(db: Db, id: string): Promise<void> {
  await db.delete(pendingSignUps).where(eq(pendingSignUps.id, id));
}

/** The sign-up that waits for this token, if it still holds. */
export async function findSignUpByToken(db: Db, tokenHash: string, now: Date): Promise<PendingSignUpRow | undefined> {
  const [row] = await db.select().from(pendingSignUps).where(signUpHolds(tokenHash, now));
  return row;
}

const signUpHolds = (tokenHash: string, now: Date) =>
  and(eq(pendingSignUps.tokenHash, tokenHash), gt(pendingSignUps.expireTime, now));

/** Uses a sign-up's token up: the sign-up, or undefined if the token was used, has ended or never was. */
export async function takePendingSignUp(db: Db, tokenHash: string, now: Date): Promise<PendingSignUpRow | undefined> {
  const [row] = await db.delete(pendingSignUps).where(signUpHolds(tokenHash, now)).returning();
  return row;
}

export async function insertSignInCode(db: Db, code: typeof signInCodes.$inferInsert): Promise<void> {
  await db.insert(signInCodes).values(code);
}

/** Whom a code is asked for, if its challenge still holds. */
export async function findSignInCode(
  db: Db,
  challengeHash: string,
  now: Date,
): Promise<{ emailKey: string } | undefined> {
  const [row] = await db
    .select({ emailKey: signInCodes.emailKey })
    .from(signInCodes)
    .where(and(eq(signInCodes.challengeHash, challengeHash), gt(signInCodes.expireTime, now)));
  return row;
}

/** Sets the code that a challenge asks for; the one before, if any, is worth nothing from now on. */
export async function setSignInCode(db: Db, challengeHash: string, codeHash: string): Promise<void> {
  await db.update(signInCodes).set({ codeHash }).where(eq(signInCodes.challengeHash, challengeHash));
}

/** Counts a try at a challenge's code; undefined if it has ended or was tried too often. */
export async function trySignInCode(
  db: Db,
  challengeHash: string,
  maxTries: number,
  now: Date,
): Promise<{ emailKey: string; codeHash: string | null } | undefined> {
  const [row] = await db
    .update(signInCodes)
    .set({ tries: sql`${signInCodes.tries} + 1` })
    .where(
      and(
        eq(signInCodes.challengeHash, challengeHash),
        gt(signInCodes.expireTime, now),
        lt(signInCodes.tries, maxTries),
      ),
    )
    .returning({ emailKey: signInCodes.emailKey, codeHash: signInCodes.codeHash });
  return row;
}

/** Uses a challenge up; false if somebody else just has. */
export async function deleteSignInCode(db: Db, challengeHash: string): Promise<boolean> {
  const rows = await db
    .delete(signInCodes)
    .where(eq(signInCodes.challengeHash, challengeHash))
    .returning({ challengeHash: signInCodes.challengeHash });
  return rows.length > 0;
}

/** Forgets what has ended. */
export async function deleteEndedMails(db: Db, now: Date): Promise<void> {
  for (const table of [mailedLinks, pendingSignUps, signInCodes])
    await db.delete(table).where(lt(table.expireTime, now));
}
