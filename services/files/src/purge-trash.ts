import type { Context } from "./context.ts";
import { purgeFile } from "./life-cycle.ts";
import { listTrashedBefore, lockTrashedBefore } from "./store.ts";

const batchSize = 100;
const dayMs = 24 * 3_600_000;

/** Purges what has been in the trash for longer than it may. Replicas may do so at once. */
export async function purgeTrash(
  ctx: Pick<Context, "database" | "events" | "jobs" | "trashDays">,
  now: Date,
): Promise<void> {
  const before = new Date(now.getTime() - ctx.trashDays * dayMs);
  for (;;) {
    const ids = await listTrashedBefore(ctx.database.db, before, batchSize);
    let purged = 0;
    for (const id of ids) if (await purgeOne(ctx, id, before)) purged++;
    if (purged < batchSize) return;
  }
}

function purgeOne(ctx: Pick<Context, "database" | "events" | "jobs">, fileId: string, before: Date): Promise<boolean> {
  return ctx.database.transaction(async (tx) => {
    const file = await lockTrashedBefore(tx, fileId, before);
    if (file) await purgeFile(ctx, tx, file);
    return file !== undefined;
  });
}
