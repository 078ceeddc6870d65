import type { Context } from "../context.ts";
import { listUploadsToEnd, type UploadRow } from "../upload-store.ts";
import { dropUpload } from "./drop-upload.ts";
import { finishUpload } from "./finish-upload.ts";
import { isLost } from "./is-lost.ts";

/** Forgets uploads that have expired, and finishes those that a crash kept from it. Replicas may do so at once. */
export async function endUploads(ctx: Context, now: Date): Promise<void> {
  const uploads = await listUploadsToEnd(ctx.database.db, now);
  const failures: unknown[] = [];
  // One that cannot be ended now must not keep the others from it.
  for (const upload of uploads) await endUpload(ctx, upload).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function endUpload(ctx: Context, upload: UploadRow): Promise<void> {
  if (upload.finished || upload.offsetBytes < upload.sizeBytes) return dropUpload(ctx, upload.id);
  try {
    await finishUpload(ctx, upload, undefined);
  } catch (error) {
    if (!isLost(error)) throw error;
    await dropUpload(ctx, upload.id);
  }
}
