import { newId, within } from "@lyceum/service";
import { BlobStoreFullError } from "./blobs/index.ts";
import { createContentMeter, type Limit, type Measured, meterBytes } from "./content-meter.ts";
import type { Context } from "./context.ts";
import { fileTooLarge, quotaExceeded, storageFull, uploadNotRecorded } from "./errors.ts";
import { findPlace } from "./folders.ts";
import { recordFile } from "./record-file.ts";
import { deletePendingBlob, type FileRow, insertPendingBlob } from "./store.ts";
import { changeUsage, findUsage } from "./usage-store.ts";

/** What someone sends. */
export type Upload = {
  /** Checked. */
  readonly name: string;
  /** The folder it is meant for; empty for the top level. */
  readonly folderId: string;
  /** How many bytes were announced, if any were. */
  readonly sizeBytes?: number | undefined;
  /** They throw unless all of them arrive. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** For whom, and within which bounds. */
export type StoreOptions = {
  readonly ownerId: string;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
  readonly recordMs?: number;
};

/** How long the database may take before the bytes come, and after; together shorter than a unary call may. */
const defaultRecordMs = 14_000;
/** How long an upload's failure waits for what it leaves to be discarded. */
const discardMs = 1_000;

/**
 * Stores an upload that comes in one request. The file is visible once its bytes are durable, together with its event; an
 * upload that fails, is aborted or goes beyond `limitBytes` or its owner's quota leaves nothing. Throws
 * `unavailable UPLOAD_NOT_RECORDED` where the database hangs.
 */
export async function storeUpload(
  ctx: Context,
  upload: Upload,
  { ownerId, limitBytes, signal, recordMs = defaultRecordMs }: StoreOptions,
): Promise<FileRow> {
  const id = newId();
  const limit = await within(recordMs, admitUpload(ctx, { id, ownerId, upload }, limitBytes), uploadNotRecorded);
  try {
    const meter = createContentMeter();
    await ctx.blobs.put(id, meterBytes(upload.bytes, meter, limit), signal);
    return await within(recordMs, insertUpload(ctx, { id, ownerId, upload }, meter.finish()), uploadNotRecorded);
  } catch (error) {
    // What cannot be discarded now, the sweep finds: a database that hangs must not keep the sender waiting twice.
    await within(discardMs, discardPendingBlob(ctx, id), uploadNotRecorded).catch(() => {});
    throw error instanceof BlobStoreFullError ? storageFull() : error;
  }
}

/** Deletes a pending blob, unless its file is there after all, as when the answer to a commit was lost. */
export async function discardPendingBlob({ database, blobs }: Pick<Context, "database" | "blobs">, key: string) {
  await database.transaction(async (tx) => {
    if (await deletePendingBlob(tx, key)) await blobs.delete(key);
  });
}

/** Marks the blob as pending and tells what may come, if anything may. */
async function admitUpload(
  ctx: Context,
  { id, ownerId, upload }: { id: string; ownerId: string; upload: Upload },
  limitBytes: number,
): Promise<Limit> {
  await findPlace(ctx.database.db, ownerId, upload.folderId);
  const limit = await readLimit(ctx, ownerId, limitBytes);
  if ((upload.sizeBytes ?? 0) > limit.bytes) throw limit.exceeded();
  await insertPendingBlob(ctx.database.db, id, new Date());
  return limit;
}

/** What may still come, as far as can be told before it has. */
async function readLimit(ctx: Context, ownerId: string, limitBytes: number): Promise<Limit> {
  const { bytes, reservedBytes } = await findUsage(ctx.database.db, ownerId);
  const leftBytes = Math.max(0, ctx.quotaBytes - bytes - reservedBytes);
  return leftBytes < limitBytes
    ? { bytes: leftBytes, exceeded: () => quotaExceeded(ctx.quotaBytes) }
    : { bytes: limitBytes, exceeded: () => fileTooLarge(limitBytes) };
}

function insertUpload(
  ctx: Context,
  { id, ownerId, upload }: { id: string; ownerId: string; upload: Upload },
  measured: Measured,
): Promise<FileRow> {
  const { name, folderId } = upload;
  return ctx.database.transaction(async (tx) => {
    if (!(await deletePendingBlob(tx, id))) throw new Error("The blob of this upload was swept away.");
    const row = await recordFile(ctx, tx, { id, ownerId, name, folderId }, measured);
    // Whatever arrived at the same time has been counted now, so this is what holds the quota.
    const taken = { bytes: row.sizeBytes, files: 1 };
    if (!(await changeUsage(tx, ownerId, taken, ctx.quotaBytes))) throw quotaExceeded(ctx.quotaBytes);
    return row;
  });
}
