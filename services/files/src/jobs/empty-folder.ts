import type { Transaction } from "@lyceum/database";
import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { listDescendants, removeFolders } from "../folder-store.ts";
import { trashFile } from "../life-cycle.ts";
import { leaveFolders, lockFilesIn } from "../store.ts";

const kind = "empty-folder";
const batchSize = 100;

/** Has a deleted folder emptied, whatever becomes of the call that deleted it. */
export function enqueueEmptying(
  { jobs }: Pick<Context, "jobs">,
  tx: Transaction,
  { folderId, ownerId }: { folderId: string; ownerId: string },
): Promise<void> {
  return jobs.enqueue(tx, { kind, key: folderId, payload: { folderId }, lane: ownerId });
}

export const emptyFolderJob = (ctx: Context): JobKind<{ folderId: string }> => ({
  kind,
  concurrency: 2,
  maxAttempts: 20,
  run: ({ payload: { folderId }, signal }) => emptyFolder(ctx, folderId, signal),
});

/**
 * Moves all files in a deleted folder and in those within it to the trash, one batch after another, and removes the folders.
 * Two may be at it at once: whoever waits for a row finds it done.
 */
export async function emptyFolder(ctx: Context, folderId: string, signal: AbortSignal): Promise<void> {
  for (let left = true; left; ) {
    signal.throwIfAborted();
    left = await ctx.database.transaction((tx) => emptyBatch(ctx, tx, folderId));
  }
}

/** False once nothing was left to move, and the folders are gone. */
async function emptyBatch(ctx: Context, tx: Transaction, folderId: string): Promise<boolean> {
  const folderIds = (await listDescendants(tx, folderId)).map(({ id }) => id);
  if (folderIds.length === 0) return false;
  const batch = await lockFilesIn(tx, folderIds, batchSize);
  if (batch.length === 0) {
    await removeFolders(tx, folderIds);
    return false;
  }
  for (const file of batch) await trashFile(ctx, tx, file);
  await leaveFolders(
    tx,
    batch.map(({ id }) => id),
  );
  return true;
}
