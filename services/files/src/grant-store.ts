import { type Db, storable } from "@lyceum/database";
import { and, asc, desc, eq, gt, inArray, isNull, lte, or } from "drizzle-orm";
import { principalOfLink } from "./file.ts";
import { one } from "./one.ts";
import { isAfter, type Position } from "./position.ts";
import { files, grants } from "./schema.ts";
import type { FileRow } from "./store.ts";

export type GrantRow = typeof grants.$inferSelect;

/** The grant that a principal holds on a file. */
export async function findGrant(tx: Db, fileId: string, principal: string): Promise<GrantRow | undefined> {
  const [row] = await tx
    .select()
    .from(grants)
    .where(and(eq(grants.fileId, fileId), eq(grants.principal, principal)));
  return row;
}

/** Adds a grant, or gives the one its principal holds another role. */
export async function putGrant(tx: Db, grant: GrantRow): Promise<GrantRow> {
  const put = tx
    .insert(grants)
    .values(grant)
    .onConflictDoUpdate({
      target: [grants.fileId, grants.principal],
      set: { role: grant.role },
    });
  return one(await put.returning());
}

/** Removes a grant of a file; answers it, if it was there. */
export async function deleteGrant(tx: Db, fileId: string, grantId: string): Promise<GrantRow | undefined> {
  const [row] = await tx
    .delete(grants)
    .where(and(eq(grants.fileId, fileId), eq(grants.id, storable(grantId))))
    .returning();
  return row;
}

/** A page of a file's grants, the latest first. */
export function listGrants(
  db: Db,
  fileId: string,
  page: { after: Position | undefined; limit: number },
): Promise<GrantRow[]> {
  return db
    .select()
    .from(grants)
    .where(and(eq(grants.fileId, fileId), inForce(new Date()), isAfter(grants, page.after)))
    .orderBy(desc(grants.createTime), desc(grants.id))
    .limit(page.limit);
}

/** At most `limit` of a principal's grants, each with its file, whose row is locked. */
export async function lockGrantsOf(
  tx: Db,
  principal: string,
  limit: number,
): Promise<{ grantId: string; file: FileRow }[]> {
  const held = tx
    .select({ id: grants.fileId })
    .from(grants)
    .where(eq(grants.principal, principal))
    .orderBy(asc(grants.fileId))
    .limit(limit);
  // Always in the order of ids, so that transactions that lock several files never wait for one another in a circle.
  const locked = await tx.select().from(files).where(inArray(files.id, held)).orderBy(asc(files.id)).for("update");
  const rows = await tx
    .select({ id: grants.id, fileId: grants.fileId })
    .from(grants)
    .where(and(eq(grants.principal, principal), inArray(grants.fileId, ids(locked))));
  const grantOf = new Map(rows.map(({ id, fileId }) => [fileId, id]));
  return locked.flatMap((file) => {
    const grantId = grantOf.get(file.id);
    return grantId ? [{ grantId, file }] : [];
  });
}

/** The file that a link leads to, while it does. */
export async function findLinkedFile(db: Db, grantId: string, now: Date): Promise<FileRow | undefined> {
  const isLink = and(eq(grants.id, grantId), eq(grants.principal, principalOfLink(grantId)), inForce(now));
  const [row] = await db
    .select({ file: files })
    .from(grants)
    .innerJoin(files, eq(files.id, grants.fileId))
    .where(and(isLink, isNull(files.trashTime)));
  return row?.file;
}

/** At most `limit` grants that have ended by `now`, the first ones first. */
export function listEndedGrants(db: Db, now: Date, limit: number): Promise<GrantRow[]> {
  return db.select().from(grants).where(lte(grants.expireTime, now)).orderBy(asc(grants.expireTime)).limit(limit);
}

const inForce = (now: Date) => or(isNull(grants.expireTime), gt(grants.expireTime, now));

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
