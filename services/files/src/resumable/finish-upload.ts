import type { BlobStore } from "../blobs/index.ts";
import { type ContentMeter, createContentMeter, type Measured } from "../content-meter.ts";
import type { Context } from "../context.ts";
import { uploadNotFound } from "../errors.ts";
import { recordFile } from "../record-file.ts";
import { lockUpload, markFinished, type UploadRow } from "../upload-store.ts";
import { changeUsage } from "../usage-store.ts";

/**
 * Makes a file of an upload that has all its bytes. It may be done again after a crash, or by two at once: there is one file.
 * `meter` spares reading the bytes again, if it has seen them all.
 */
export async function finishUpload(
  ctx: Pick<Context, "blobs" | "database" | "events">,
  upload: UploadRow,
  meter: ContentMeter | undefined,
): Promise<void> {
  const { id, ownerId, name, folderId, sizeBytes } = upload;
  await ctx.blobs.complete(id, upload.mark ?? "");
  const measured = meter?.finish() ?? (await measure(ctx.blobs, id));
  await ctx.database.transaction(async (tx) => {
    const current = await lockUpload(tx, id);
    if (!current) throw uploadNotFound();
    if (current.finished) return;
    await markFinished(tx, id);
    await recordFile(ctx, tx, { id, ownerId, name, folderId }, measured);
    await changeUsage(tx, ownerId, { bytes: sizeBytes, files: 1, reservedBytes: -sizeBytes });
  });
}

async function measure(blobs: BlobStore, key: string): Promise<Measured> {
  const meter = createContentMeter();
  // Not to be cut short: whoever waits for it asks again, and would begin anew.
  for await (const piece of blobs.read(key, undefined, new AbortController().signal)) meter.add(piece);
  return meter.finish();
}
