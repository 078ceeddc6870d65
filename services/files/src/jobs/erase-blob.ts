import type { Transaction } from "@lyceum/database";
import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { discardPendingBlob } from "../store-upload.ts";

const kind = "erase-blob";

/** Has the bytes of a purged file erased, which is pending. */
export function enqueueErasure(
  { jobs }: Pick<Context, "jobs">,
  tx: Transaction,
  { fileId, ownerId }: { fileId: string; ownerId: string },
): Promise<void> {
  return jobs.enqueue(tx, { kind, key: fileId, payload: { fileId }, lane: ownerId });
}

/** Erases the bytes of a purged file. What it gives up on, the sweep of pending blobs takes up. */
export const eraseBlob = (ctx: Pick<Context, "database" | "blobs">): JobKind<{ fileId: string }> => ({
  kind,
  concurrency: 4,
  maxAttempts: 20,
  run: ({ payload: { fileId } }) => discardPendingBlob(ctx, fileId),
});
