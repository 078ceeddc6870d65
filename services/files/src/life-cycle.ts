import type { Transaction } from "@lyceum/database";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import type { Context } from "./context.ts";
import { enqueueErasure } from "./jobs/erase-blob.ts";
import { deleteFileRow, type FileRow, insertPendingBlob, setTrashTime } from "./store.ts";
import { changeUsage } from "./usage-store.ts";

/** Moves a locked file to the trash, with its event; nothing happens if it is there. */
export async function trashFile(ctx: Pick<Context, "events">, tx: Transaction, file: FileRow): Promise<FileRow> {
  if (file.trashTime) return file;
  const trashed = await setTrashTime(tx, file.id, new Date());
  const { id: fileId, ownerId, version } = trashed;
  await ctx.events.append(tx, fileDeleted({ fileId, ownerId, version }));
  return trashed;
}

/** Takes a locked file out of the trash, with its event; nothing happens if it is not there. */
export async function restoreFile(ctx: Pick<Context, "events">, tx: Transaction, file: FileRow): Promise<FileRow> {
  if (!file.trashTime) return file;
  const restored = await setTrashTime(tx, file.id, null);
  const { id: fileId, ownerId, version } = restored;
  await ctx.events.append(tx, fileRestored({ fileId, ownerId, version }));
  return restored;
}

/**
 * Ends a locked file for good: its row, grants and share of the quota go now, its bytes by a job. Ids are never used again, and
 * the row's lock lets no event of the file follow its last, so that nothing has to be kept of it here.
 */
export async function purgeFile(ctx: Pick<Context, "events" | "jobs">, tx: Transaction, file: FileRow): Promise<void> {
  const { id: fileId, ownerId, sizeBytes, version } = file;
  await deleteFileRow(tx, fileId);
  await insertPendingBlob(tx, fileId, new Date());
  await enqueueErasure(ctx, tx, { fileId, ownerId });
  await ctx.events.append(tx, filePurged({ fileId, ownerId, version: version + 1 }));
  await changeUsage(tx, ownerId, { bytes: -sizeBytes, files: -1 });
}
