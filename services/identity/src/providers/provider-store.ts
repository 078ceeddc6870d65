import { type Db, storable } from "@lyceum/database";
import { and, asc, eq, gt, isNull, lt } from "drizzle-orm";
import { linkedProviders, providerFlows, users } from "../schema.ts";
import type { UserRow } from "../store.ts";

export type FlowRow = typeof providerFlows.$inferSelect;
export type LinkRow = typeof linkedProviders.$inferSelect;

export async function insertFlow(db: Db, flow: typeof providerFlows.$inferInsert): Promise<void> {
  await db.insert(providerFlows).values(flow);
}

/** Uses a flow up, whatever comes of it; undefined if none is on its way for this person, or for a sign-in where none is named. */
export async function takeFlow(
  db: Db,
  { hash, userId }: { hash: string; userId: string | undefined },
  now: Date,
): Promise<FlowRow | undefined> {
  const [row] = await db
    .delete(providerFlows)
    .where(
      and(
        eq(providerFlows.hash, hash),
        gt(providerFlows.expireTime, now),
        userId === undefined ? isNull(providerFlows.userId) : eq(providerFlows.userId, userId),
      ),
    )
    .returning();
  return row;
}

/** Forgets flows that nobody came back from. */
export async function deleteOldFlows(db: Db, now: Date): Promise<void> {
  await db.delete(providerFlows).where(lt(providerFlows.expireTime, now));
}

/** Whom an account elsewhere signs in here. */
export async function findLinkedUser(
  db: Db,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<UserRow | undefined> {
  const [row] = await db
    .select({ user: users })
    .from(linkedProviders)
    .innerJoin(users, eq(users.id, linkedProviders.userId))
    .where(and(eq(linkedProviders.issuer, issuer), eq(linkedProviders.subject, storable(subject))));
  return row?.user;
}

/** Links an account elsewhere; false if it, or another of the provider's, is linked already. */
export async function insertLink(db: Db, link: typeof linkedProviders.$inferInsert): Promise<boolean> {
  const made = await db.insert(linkedProviders).values(link).onConflictDoNothing().returning();
  return made.length > 0;
}

export function listLinks(db: Db, userId: string): Promise<LinkRow[]> {
  return db
    .select()
    .from(linkedProviders)
    .where(eq(linkedProviders.userId, userId))
    .orderBy(asc(linkedProviders.linkTime));
}

/** Unlinks an account elsewhere; false if none of the provider's is linked. */
export async function deleteLink(db: Db, userId: string, providerId: string): Promise<boolean> {
  const gone = await db
    .delete(linkedProviders)
    .where(and(eq(linkedProviders.userId, userId), eq(linkedProviders.providerId, storable(providerId))))
    .returning();
  return gone.length > 0;
}
