import { type Db, storable } from "@lyceum/database";
import { and, desc, eq, gte, inArray, isNotNull, isNull, like, lt, or, type SQL, sql } from "drizzle-orm";
import { toEmailKey, toNameKey } from "./account.ts";
import { liveSince } from "./refresh-token.ts";
import { sessions, users } from "./schema.ts";
import type { UserRow } from "./store.ts";

/** An account with what administration wants to know of its sessions. */
export type ManagedUserRow = {
  readonly user: UserRow;
  readonly sessionCount: number;
  readonly lastSeenTime: Date | null;
};

/** Which accounts to list; what is undefined does not matter. */
export type UserFilter = {
  /** The beginning of an address or a name, or an id. */
  readonly query?: string | undefined;
  readonly role?: string | undefined;
  readonly suspended: boolean;
};

/** A page of accounts, the latest first; `after` is the last id of the page before. */
export function listManagedUsers(
  db: Db,
  { query, role, suspended }: UserFilter,
  page: { after: string | undefined; limit: number },
): Promise<ManagedUserRow[]> {
  const filter = and(
    query === undefined ? undefined : matches(storable(query)),
    role === undefined ? undefined : and(hasRoles, sql`${role} = any(${users.roles})`),
    suspended ? isNotNull(users.suspendTime) : undefined,
    page.after === undefined ? undefined : lt(users.id, storable(page.after)),
  );
  return selectManaged(db, filter).orderBy(desc(users.id)).limit(page.limit);
}

export async function findManagedUser(db: Db, userId: string): Promise<ManagedUserRow | undefined> {
  const [row] = await selectManaged(db, eq(users.id, storable(userId)));
  return row;
}

/** These accounts and those of all admins, their rows locked in one order: two changes of roles take turns. */
export function lockWithAdmins(db: Db, userIds: readonly string[]): Promise<UserRow[]> {
  return db
    .select()
    .from(users)
    .where(or(inArray(users.id, userIds.map(storable)), and(hasRoles, sql`'admin' = any(${users.roles})`)))
    .orderBy(users.id)
    .for("update");
}

/** Changes a locked account; answers its new version. */
export async function updateStanding(
  db: Db,
  userId: string,
  change: { roles?: string[]; suspendTime?: Date | null },
): Promise<number> {
  const [row] = await db
    .update(users)
    .set({ ...change, version: sql`${users.version} + 1` })
    .where(eq(users.id, userId))
    .returning({ version: users.version });
  if (!row) throw new Error("A locked account cannot disappear.");
  return row.version;
}

/** An account as it is now. Its row stays shared until the transaction ends: suspensions, new roles and passwords wait for it. */
export async function shareUser(db: Db, userId: string): Promise<UserRow | undefined> {
  const [row] = await db.select().from(users).where(eq(users.id, userId)).for("share");
  return row;
}

/** As the partial index of those with roles says it. */
const hasRoles = sql`cardinality(${users.roles}) > 0`;

function matches(query: string): SQL | undefined {
  const beginning = (text: string) => `${text.replace(/[\\%_]/g, "\\$&")}%`;
  return or(
    eq(users.id, query),
    like(users.emailKey, beginning(toEmailKey(query))),
    like(users.nameKey, beginning(toNameKey(query))),
  );
}

function selectManaged(db: Db, filter: SQL | undefined) {
  const { idleSince, bornSince } = liveSince(new Date());
  const live = db
    .select({
      sessionCount: sql<number>`count(*)::int`.as("session_count"),
      lastSeenTime: sql`max(${sessions.lastSeenTime})`.mapWith(sessions.lastSeenTime).as("last_seen_time"),
    })
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, users.id),
        isNull(sessions.revokeTime),
        gte(sessions.lastSeenTime, idleSince),
        gte(sessions.createTime, bornSince),
      ),
    )
    .as("live");
  return db
    .select({ user: users, sessionCount: live.sessionCount, lastSeenTime: live.lastSeenTime })
    .from(users)
    .crossJoinLateral(live)
    .where(filter);
}
