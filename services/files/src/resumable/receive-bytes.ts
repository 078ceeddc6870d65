import { BlobStoreFullError, type GrowingBlob } from "../blobs/index.ts";
import type { Context } from "../context.ts";
import { checksumMismatch, storageFull, uploadMoved, uploadTooLong } from "../errors.ts";
import { advanceUpload, type UploadRow } from "../upload-store.ts";
import type { Checksum } from "./checksum.ts";
import { expiryFrom } from "./expiry.ts";
import type { Meters } from "./meters.ts";

/** So much, or what arrives in so long, may have to be sent again after a crash. */
const commitEveryBytes = 16 * 1024 * 1024;
const commitEveryMs = 5_000;

/** What one request brings. */
export type Delivery = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What the bytes must be; none of them is kept unless they are. */
  readonly checksum: Checksum | undefined;
};

/**
 * Adds bytes to an upload, by its one writer. What has arrived is kept durably even if they break off, and noted every now
 * and then meanwhile, so that no crash costs much. With a checksum all of it counts or nothing.
 */
export async function receiveBytes(
  ctx: Pick<Context, "blobs" | "database">,
  meters: Meters,
  upload: UploadRow,
  { bytes, checksum }: Delivery,
): Promise<UploadRow> {
  await using blob = await ctx.blobs.grow(upload.id, upload.mark ?? undefined);
  const meter = meters.take(upload);
  const verified = checksum && meter?.copy();
  const progress = createProgress(ctx, upload, blob);
  try {
    for await (const piece of bytes) {
      if (progress.offsetBytes() + piece.length > upload.sizeBytes) throw new TooLongError();
      await blob.write(piece);
      meter?.add(piece);
      checksum?.add(piece);
      progress.advance(piece.length, { mayCommit: !checksum });
    }
    if (checksum && !checksum.matches()) throw checksumMismatch();
    const row = await progress.commit();
    meters.keep(upload.id, meter);
    return row;
  } catch (error) {
    if (checksum) meters.keep(upload.id, verified);
    // What has come before a break is good; where it cannot be kept, the sender is told of the break all the same.
    else if (!(error instanceof TooLongError)) {
      await progress.commit().then(
        () => meters.keep(upload.id, meter),
        () => {},
      );
    }
    if (error instanceof TooLongError) throw uploadTooLong(upload.sizeBytes);
    throw error instanceof BlobStoreFullError ? storageFull() : error;
  }
}

/** More bytes come than were announced, so that none of them can be trusted. */
class TooLongError extends Error {}

/** How far an upload has come: what is written, and what is durable and noted. */
function createProgress({ database }: Pick<Context, "database">, upload: UploadRow, blob: GrowingBlob) {
  let { offsetBytes } = upload;
  let noted = upload;
  let notedMs = performance.now();
  let committing: Promise<void> | undefined;
  let failure: unknown;

  async function note(): Promise<void> {
    const reached = offsetBytes;
    const mark = await blob.sync();
    const row = await advanceUpload(database.db, noted, {
      offsetBytes: reached,
      mark,
      expireTime: expiryFrom(new Date()),
    });
    if (!row) throw uploadMoved();
    noted = row;
    notedMs = performance.now();
  }

  return {
    offsetBytes: () => offsetBytes,
    /** Counts what was written; notes it from time to time, while more is written. */
    advance(sizeBytes: number, { mayCommit }: { mayCommit: boolean }): void {
      if (failure) throw failure;
      offsetBytes += sizeBytes;
      const due = offsetBytes - noted.offsetBytes >= commitEveryBytes || performance.now() - notedMs >= commitEveryMs;
      // The last bytes are noted only when it is sure that no more come.
      if (!mayCommit || committing || !due || offsetBytes === upload.sizeBytes) return;
      committing = note()
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => {
          committing = undefined;
        });
    },
    /** Makes all that was written durable and notes it. */
    async commit(): Promise<UploadRow> {
      await committing;
      if (failure) throw failure;
      if (offsetBytes > noted.offsetBytes || noted.mark === null) await note();
      return noted;
    },
  };
}
