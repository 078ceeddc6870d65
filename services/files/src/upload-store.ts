import { type Db, storable } from "@lyceum/database";
import { and, eq, lt, not, or } from "drizzle-orm";
import { one } from "./one.ts";
import { uploads } from "./schema.ts";

export type UploadRow = typeof uploads.$inferSelect;

/** Adds an upload that has no bytes yet. */
export async function insertUpload(tx: Db, upload: typeof uploads.$inferInsert): Promise<UploadRow> {
  return one(await tx.insert(uploads).values(upload).returning());
}

/** A person's upload. */
export async function findUpload(db: Db, ownerId: string, uploadId: string): Promise<UploadRow | undefined> {
  const [row] = await db
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, storable(uploadId)), eq(uploads.ownerId, ownerId)));
  return row;
}

/** Notes how far an upload has come; undefined if it no longer is where it was, since someone else writes it or it is gone. */
export async function advanceUpload(
  db: Db,
  upload: UploadRow,
  to: Pick<UploadRow, "offsetBytes" | "mark" | "expireTime">,
): Promise<UploadRow | undefined> {
  const here = and(eq(uploads.id, upload.id), eq(uploads.offsetBytes, upload.offsetBytes), not(uploads.finished));
  const [row] = await db.update(uploads).set(to).where(here).returning();
  return row;
}

/** An upload, its row locked. */
export async function lockUpload(tx: Db, uploadId: string): Promise<UploadRow | undefined> {
  const [row] = await tx.select().from(uploads).where(eq(uploads.id, uploadId)).for("update");
  return row;
}

/** Notes that a locked upload's file is there. */
export async function markFinished(tx: Db, uploadId: string): Promise<void> {
  await tx.update(uploads).set({ finished: true }).where(eq(uploads.id, uploadId));
}

/** Forgets a locked upload. */
export async function deleteUpload(tx: Db, uploadId: string): Promise<void> {
  await tx.delete(uploads).where(eq(uploads.id, uploadId));
}

/** Uploads that have had their time, and those that have all their bytes but no file. */
export function listUploadsToEnd(db: Db, now: Date): Promise<UploadRow[]> {
  const isComplete = and(eq(uploads.offsetBytes, uploads.sizeBytes), not(uploads.finished));
  return db
    .select()
    .from(uploads)
    .where(or(lt(uploads.expireTime, now), isComplete));
}
