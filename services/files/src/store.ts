import { type Db, storable } from "@lyceum/database";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { and, desc, eq, exists, inArray, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { principalsOf, type Right } from "./file.ts";
import { files, grants, pendingBlobs } from "./schema.ts";

export type FileRow = typeof files.$inferSelect;
export type GrantRow = typeof grants.$inferSelect;

/** Where a page ends: the times and ids of lists in the order of creation. */
export type Position = { readonly createTime: Date; readonly id: string };

/** The file, if this person may read it, and what else they may do with it. */
export async function findReadableFile(
  db: Db,
  fileId: string,
  userId: string,
): Promise<(FileRow & { right: Right }) | undefined> {
  const [row] = await db
    .select({ file: files, isOwner: ownedBy(userId), role: highestRole(db, userId) })
    .from(files)
    .where(and(eq(files.id, storable(fileId)), readableBy(db, userId)));
  return row && { ...row.file, right: row.isOwner ? "owner" : row.role === GrantRole.EDITOR ? "editor" : "reader" };
}

/** As `findReadableFile`, with the file's row locked and the rights read after the lock was had. */
export async function lockReadableFile(
  tx: Db,
  fileId: string,
  userId: string,
): Promise<(FileRow & { right: Right }) | undefined> {
  // Whoever waits for a lock sees grants as they were before the wait, so the rights are read by a statement of their own.
  const [locked] = await tx
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.id, storable(fileId)), readableBy(tx, userId)))
    .for("update");
  return locked && findReadableFile(tx, fileId, userId);
}

/** Those of these files that this person may read; their own trash only if asked for. */
export function listReadableFiles(
  db: Db,
  fileIds: readonly string[],
  userId: string,
  includeTrashed: boolean,
): Promise<FileRow[]> {
  const wanted = inArray(files.id, fileIds.map(storable));
  return db
    .select()
    .from(files)
    .where(and(wanted, readableBy(db, userId), includeTrashed ? undefined : isNull(files.trashTime)));
}

/** A page of a person's own files in one state, the latest first. */
export function listOwnFiles(
  db: Db,
  userId: string,
  page: { trashed: boolean; after: Position | undefined; limit: number },
): Promise<FileRow[]> {
  const inState = page.trashed ? isNotNull(files.trashTime) : isNull(files.trashTime);
  return pageOfFiles(db, and(ownedBy(userId), inState), page);
}

/** A page of the files that others share with a person, the latest first. */
export function listSharedFiles(
  db: Db,
  userId: string,
  page: { after: Position | undefined; limit: number },
): Promise<FileRow[]> {
  const granted = db.select({ id: grants.fileId }).from(grants).where(heldBy(userId));
  return pageOfFiles(db, and(isNull(files.trashTime), inArray(files.id, granted)), page);
}

/** The file, whoever owns it. */
export async function findFile(db: Db, fileId: string): Promise<FileRow | undefined> {
  const [row] = await db
    .select()
    .from(files)
    .where(eq(files.id, storable(fileId)));
  return row;
}

/** Adds a file whose blob is stored. */
export async function insertFile(tx: Db, file: typeof files.$inferInsert): Promise<FileRow> {
  return one(await tx.insert(files).values(file).returning());
}

/** Moves a locked file to the trash and raises its version. */
export async function trashFile(tx: Db, fileId: string, now: Date): Promise<FileRow> {
  const trashed = { trashTime: now, version: nextVersion };
  return one(await tx.update(files).set(trashed).where(eq(files.id, fileId)).returning());
}

/** Raises a locked file's version and answers the new one. */
export async function raiseVersion(tx: Db, fileId: string): Promise<number> {
  const raised = tx.update(files).set({ version: nextVersion }).where(eq(files.id, fileId));
  return one(await raised.returning({ version: files.version })).version;
}

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
    .where(and(eq(grants.fileId, fileId), isAfter(grants, page.after)))
    .orderBy(desc(grants.createTime), desc(grants.id))
    .limit(page.limit);
}

/** Notes that a blob is about to be written for a file that is not there yet. */
export async function insertPendingBlob(db: Db, key: string, now: Date): Promise<void> {
  await db.insert(pendingBlobs).values({ key, startTime: now });
}

/** Forgets a pending blob, because its file is there or the blob is not; false if it was forgotten before. */
export async function deletePendingBlob(db: Db, key: string): Promise<boolean> {
  const deleted = await db.delete(pendingBlobs).where(eq(pendingBlobs.key, key)).returning();
  return deleted.length > 0;
}

/** The keys of blobs pending since before `time`. */
export async function listPendingBlobs(db: Db, time: Date): Promise<string[]> {
  const rows = await db.select({ key: pendingBlobs.key }).from(pendingBlobs).where(lt(pendingBlobs.startTime, time));
  return rows.map(({ key }) => key);
}

const nextVersion = sql`${files.version} + 1`;

const ownedBy = (userId: string) => sql<boolean>`${files.ownerId} = ${userId}`;

const heldBy = (userId: string) => inArray(grants.principal, principalsOf(userId));

const grantsHeld = (userId: string) => and(eq(grants.fileId, files.id), heldBy(userId));

/** A file is readable by its owner and, outside the trash, by whoever holds a grant. */
function readableBy(db: Db, userId: string): SQL | undefined {
  const granted = db.select({ id: grants.id }).from(grants).where(grantsHeld(userId));
  return or(ownedBy(userId), and(isNull(files.trashTime), exists(granted)));
}

function highestRole(db: Db, userId: string): SQL<number | null> {
  const highest = db
    .select({ role: sql`max(${grants.role})` })
    .from(grants)
    .where(grantsHeld(userId));
  return sql<number | null>`(${highest})`;
}

function pageOfFiles(
  db: Db,
  condition: SQL | undefined,
  page: { after: Position | undefined; limit: number },
): Promise<FileRow[]> {
  return db
    .select()
    .from(files)
    .where(and(condition, isAfter(files, page.after)))
    .orderBy(desc(files.createTime), desc(files.id))
    .limit(page.limit);
}

function isAfter(table: typeof files | typeof grants, after: Position | undefined): SQL | undefined {
  return (
    after &&
    sql`(${table.createTime}, ${table.id}) < (${after.createTime.toISOString()}::timestamptz, ${storable(after.id)})`
  );
}

function one<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("A locked or new row cannot be missing.");
  return row;
}
