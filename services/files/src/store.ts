import { type Db, storable } from "@lyceum/database";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, ne, type SQL, sql } from "drizzle-orm";
import { maxOwnRightsRoom, type Right } from "./file.ts";
import { one } from "./one.ts";
import { isAfter, type Position } from "./position.ts";
import type { Reader } from "./reader.ts";
import { heldBy, highestRole, ownedBy, readableBy, readableByRoom } from "./rights.ts";
import { files, grants, pendingBlobs } from "./schema.ts";

export type FileRow = typeof files.$inferSelect;

/** The file, if this person may read it, and what else they may do with it. */
export async function findReadableFile(
  db: Db,
  fileId: string,
  reader: Reader,
): Promise<(FileRow & { right: Right }) | undefined> {
  const [row] = await db
    .select({ file: files, isOwner: ownedBy(reader.userId), role: highestRole(db, reader) })
    .from(files)
    .where(and(eq(files.id, storable(fileId)), readableBy(db, reader)));
  return row && { ...row.file, right: row.isOwner ? "owner" : row.role === GrantRole.EDITOR ? "editor" : "reader" };
}

/** As `findReadableFile`, with the file's row locked and the rights read after the lock was had. */
export async function lockReadableFile(
  tx: Db,
  fileId: string,
  reader: Reader,
): Promise<(FileRow & { right: Right }) | undefined> {
  // Whoever waits for a lock sees grants as they were before the wait, so the rights are read by a statement of their own.
  const [locked] = await tx
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.id, storable(fileId)), readableBy(tx, reader)))
    .for("update");
  return locked && findReadableFile(tx, fileId, reader);
}

/** Those of these files that this person may read; their own trash only if asked for. */
export function listReadableFiles(
  db: Db,
  fileIds: readonly string[],
  reader: Reader,
  includeTrashed: boolean,
): Promise<FileRow[]> {
  const wanted = inArray(files.id, fileIds.map(storable));
  return db
    .select()
    .from(files)
    .where(and(wanted, readableBy(db, reader), includeTrashed ? undefined : isNull(files.trashTime)));
}

/** Those of these files that every member of a room may read. */
export function listRoomReadableFiles(db: Db, fileIds: readonly string[], roomId: string): Promise<FileRow[]> {
  const wanted = inArray(files.id, fileIds.map(storable));
  return db
    .select()
    .from(files)
    .where(and(wanted, readableByRoom(storable(roomId), maxOwnRightsRoom)));
}

/** A page of a person's own files in one state, in one folder (null for the top level) or in any; the latest first. */
export function listOwnFiles(
  db: Db,
  userId: string,
  page: { trashed: boolean; folderId?: string | null | undefined; after: Position | undefined; limit: number },
): Promise<FileRow[]> {
  const { folderId } = page;
  const inFolder = folderId === null ? isNull(files.folderId) : folderId && eq(files.folderId, folderId);
  const inState = page.trashed ? isNotNull(files.trashTime) : isNull(files.trashTime);
  return pageOfFiles(db, and(ownedBy(userId), inFolder || undefined, inState), page);
}

/** A page of the files that others share with a person or a room of theirs, the latest first. */
export function listSharedFiles(
  db: Db,
  reader: Reader,
  page: { after: Position | undefined; limit: number },
): Promise<FileRow[]> {
  const granted = db.select({ id: grants.fileId }).from(grants).where(heldBy(reader));
  return pageOfFiles(
    db,
    and(ne(files.ownerId, reader.userId), isNull(files.trashTime), inArray(files.id, granted)),
    page,
  );
}

/** The file, whoever owns it. */
export async function findFile(db: Db, fileId: string): Promise<FileRow | undefined> {
  const [row] = await db
    .select()
    .from(files)
    .where(eq(files.id, storable(fileId)));
  return row;
}

/** The file, whoever owns it, its row locked. */
export async function lockFile(tx: Db, fileId: string): Promise<FileRow | undefined> {
  const [row] = await tx.select().from(files).where(eq(files.id, fileId)).for("update");
  return row;
}

/** Adds a file whose blob is stored. */
export async function insertFile(tx: Db, file: typeof files.$inferInsert): Promise<FileRow> {
  return one(await tx.insert(files).values(file).returning());
}

/** Says when a locked file went to the trash, null for a file that is not there, and raises its version. */
export async function setTrashTime(tx: Db, fileId: string, trashTime: Date | null): Promise<FileRow> {
  const changed = tx.update(files).set({ trashTime, version: nextVersion }).where(eq(files.id, fileId));
  return one(await changed.returning());
}

/** Changes a locked file's name or place and raises its version. */
export async function updateFileRow(
  tx: Db,
  fileId: string,
  change: Partial<Pick<FileRow, "name" | "folderId">>,
): Promise<FileRow> {
  const changed = tx
    .update(files)
    .set({ ...change, version: nextVersion })
    .where(eq(files.id, fileId));
  return one(await changed.returning());
}

/** At most `limit` files of these folders, their rows locked, in the order of ids. */
export function lockFilesIn(tx: Db, folderIds: readonly string[], limit: number): Promise<FileRow[]> {
  return tx
    .select()
    .from(files)
    .where(inArray(files.folderId, folderIds))
    .orderBy(asc(files.id))
    .limit(limit)
    .for("update");
}

/** Lays locked files at the top level. */
export async function leaveFolders(tx: Db, fileIds: readonly string[]): Promise<void> {
  await tx.update(files).set({ folderId: null }).where(inArray(files.id, fileIds));
}

/** Removes a locked file with its grants. */
export async function deleteFileRow(tx: Db, fileId: string): Promise<void> {
  await tx.delete(files).where(eq(files.id, fileId));
}

/** Ids of at most `limit` files that went to the trash before `time`, the first ones first. */
export async function listTrashedBefore(db: Db, time: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: files.id })
    .from(files)
    .where(lt(files.trashTime, time))
    .orderBy(asc(files.trashTime))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** A file that went to the trash before `time`, its row locked, unless someone else is at it. */
export async function lockTrashedBefore(tx: Db, fileId: string, time: Date): Promise<FileRow | undefined> {
  const [row] = await tx
    .select()
    .from(files)
    .where(and(eq(files.id, fileId), lt(files.trashTime, time)))
    .for("update", { skipLocked: true });
  return row;
}

/** Raises a locked file's version and answers the new one. */
export async function raiseVersion(tx: Db, fileId: string): Promise<number> {
  const raised = tx.update(files).set({ version: nextVersion }).where(eq(files.id, fileId));
  return one(await raised.returning({ version: files.version })).version;
}

/** Notes a blob without a file: it is about to be written for one, or left of one. */
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
