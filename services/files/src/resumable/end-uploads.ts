import type { Context } from "../context.ts";
import { listUploadsToEnd } from "../upload-store.ts";
import { dropUpload } from "./drop-upload.ts";
import { finishUpload } from "./finish-upload.ts";

/** Forgets uploads that have expired, and finishes those that a crash kept from it. Replicas may do so at once. */
export async function endUploads(ctx: Context, now: Date): Promise<void> {
  for (const upload of await listUploadsToEnd(ctx.database.db, now)) {
    if (upload.finished || upload.offsetBytes < upload.sizeBytes) await dropUpload(ctx, upload.id);
    else await finishUpload(ctx, upload, undefined);
  }
}
