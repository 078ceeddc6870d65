import { type Db, storable } from "@lyceum/database";
import { and, asc, desc, eq, inArray, lt, or, sql } from "drizzle-orm";
import type { DocumentStatus } from "./document.ts";
import { documents, purgedFiles } from "./schema.ts";

export type DocumentRow = typeof documents.$inferSelect;

/** Adds a document; false if there is one already, or the file was purged. */
export async function insertDocument(db: Db, row: typeof documents.$inferInsert): Promise<boolean> {
  if ((await db.select().from(purgedFiles).where(eq(purgedFiles.fileId, row.fileId))).length > 0) return false;
  const rows = await db.insert(documents).values(row).onConflictDoNothing().returning({ fileId: documents.fileId });
  return rows.length > 0;
}

/** The documents there are of these files. */
export function listDocumentsById(db: Db, fileIds: readonly string[]): Promise<DocumentRow[]> {
  return db
    .select()
    .from(documents)
    .where(inArray(documents.fileId, fileIds.map(storable)));
}

/** One file's document. */
export async function findDocument(db: Db, fileId: string): Promise<DocumentRow | undefined> {
  const [row] = await listDocumentsById(db, [fileId]);
  return row;
}

/** One file's document, its row locked. */
export async function lockDocument(db: Db, fileId: string): Promise<DocumentRow | undefined> {
  const [row] = await db
    .select()
    .from(documents)
    .where(eq(documents.fileId, storable(fileId)))
    .for("update");
  return row;
}

/** Erases a document, and remembers that its file is gone. */
export async function buryDocument(db: Db, fileId: string): Promise<void> {
  await db.delete(documents).where(eq(documents.fileId, fileId));
  await db.insert(purgedFiles).values({ fileId, purgeTime: new Date() }).onConflictDoNothing();
}

/** Whether the owner has a document of these bytes. */
export async function hasDocumentOf(
  db: Db,
  { ownerId, sha256 }: { ownerId: string; sha256: string },
): Promise<boolean> {
  const sameBytes = and(eq(documents.ownerId, ownerId), eq(documents.sha256, sha256));
  return (await db.select({ fileId: documents.fileId }).from(documents).where(sameBytes).limit(1)).length > 0;
}

/** What a change of a document may write. */
export type DocumentChange = Partial<
  DocumentStatus & Pick<DocumentRow, "revision" | "contentId" | "trashed" | "fileVersion">
>;

/** Writes a change and raises the version. */
export async function updateDocument(db: Db, fileId: string, change: DocumentChange): Promise<DocumentRow> {
  const [row] = await db
    .update(documents)
    .set({ ...change, updateTime: sql`now()`, version: sql`${documents.version} + 1` })
    .where(eq(documents.fileId, fileId))
    .returning();
  if (!row) throw new Error("A document is never removed while its file is worked on.");
  return row;
}

/** Writes how far a parse is, unless the document has moved on. */
export async function updateProgress(db: Db, fileId: string, status: DocumentStatus): Promise<void> {
  await db
    .update(documents)
    .set({ ...status, updateTime: sql`now()`, version: sql`${documents.version} + 1` })
    .where(and(eq(documents.fileId, fileId), eq(documents.state, "PARSING"), eq(documents.trashed, false)));
}

/** Keeps a file's name once it is known. Nobody waits for it, so the version stays. */
export async function setFileName(db: Db, fileId: string, fileName: string): Promise<void> {
  await db.update(documents).set({ fileName }).where(eq(documents.fileId, fileId));
}

/** Where a list goes on. */
export type ListPosition = { readonly createTime: Date; readonly fileId: string };

/** One owner's documents, trashed ones left out, the latest first. */
export function listOwnDocuments(
  db: Db,
  ownerId: string,
  limit: number,
  after: ListPosition | undefined,
): Promise<DocumentRow[]> {
  const isAfter = after
    ? or(
        lt(documents.createTime, after.createTime),
        and(eq(documents.createTime, after.createTime), lt(documents.fileId, storable(after.fileId))),
      )
    : undefined;
  return db
    .select()
    .from(documents)
    .where(and(eq(documents.ownerId, ownerId), eq(documents.trashed, false), isAfter))
    .orderBy(desc(documents.createTime), desc(documents.fileId))
    .limit(limit);
}

/** One owner's documents that are on their way, the oldest first; at most 1,000. */
export function listUnfinishedDocuments(db: Db, ownerId: string): Promise<DocumentRow[]> {
  return db
    .select()
    .from(documents)
    .where(
      and(
        eq(documents.ownerId, ownerId),
        eq(documents.trashed, false),
        inArray(documents.state, ["QUEUED", "PARSING", "INDEXING"]),
      ),
    )
    .orderBy(asc(documents.createTime), asc(documents.fileId))
    .limit(1000);
}
