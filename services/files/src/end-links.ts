import type { Context } from "./context.ts";
import { listEndedGrants } from "./grant-store.ts";
import { takeRight } from "./sharing.ts";
import { lockFile } from "./store.ts";

const batchSize = 100;

/** Takes links back that have expired; nobody has come in by them since. Replicas may do so at once. */
export async function endLinks(ctx: Pick<Context, "database" | "events">, now: Date): Promise<void> {
  for (let left = true; left; ) {
    const ended = await listEndedGrants(ctx.database.db, now, batchSize);
    for (const { id, fileId } of ended) {
      await ctx.database.transaction(async (tx) => {
        const file = await lockFile(tx, fileId);
        if (file) await takeRight(ctx, tx, file, id);
      });
    }
    left = ended.length === batchSize;
  }
}
