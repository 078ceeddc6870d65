import type { Context } from "../context.ts";
import { quotaExceeded } from "../errors.ts";
import { findPlace } from "../folders.ts";
import { insertUpload, type UploadRow } from "../upload-store.ts";
import { changeUsage } from "../usage-store.ts";
import { expiryFrom } from "./expiry.ts";

/** What is known of an upload before its bytes. */
export type NewUpload = Pick<UploadRow, "id" | "ownerId" | "name" | "folderId" | "metadata" | "sizeBytes">;

/** Begins an upload that takes several requests; room for all of it is set aside. */
export async function beginUpload(ctx: Context, upload: NewUpload): Promise<UploadRow> {
  const { ownerId, folderId, sizeBytes } = upload;
  await findPlace(ctx.database.db, ownerId, folderId);
  return ctx.database.transaction(async (tx) => {
    const row = await insertUpload(tx, { ...upload, expireTime: expiryFrom(new Date()) });
    const kept = await changeUsage(tx, ownerId, { reservedBytes: sizeBytes }, ctx.quotaBytes);
    if (!kept) throw quotaExceeded(ctx.quotaBytes);
    return row;
  });
}
