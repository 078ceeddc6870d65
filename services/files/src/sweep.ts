import type { Host } from "@lyceum/service";
import type { Context } from "./context.ts";
import { listPendingBlobs } from "./store.ts";
import { discardPendingBlob } from "./store-upload.ts";

const everyMs = 3_600_000;
/** No upload takes this long. */
const staleAfterMs = 24 * 3_600_000;

/** Deletes blobs that a crash left without a file, now and every hour. Replicas may do so at once. */
export function startSweep(ctx: Pick<Context, "database" | "blobs">, log: Host["log"]): AsyncDisposable {
  let running = Promise.resolve();
  const sweep = () => {
    running = sweepPendingBlobs(ctx, new Date()).catch((error: unknown) =>
      log.warn({ err: error }, "could not delete abandoned blobs; trying again in an hour"),
    );
  };
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Deletes the blobs that have been pending for longer than any upload takes. */
export async function sweepPendingBlobs(ctx: Pick<Context, "database" | "blobs">, now: Date): Promise<void> {
  const stale = await listPendingBlobs(ctx.database.db, new Date(now.getTime() - staleAfterMs));
  for (const key of stale) await discardPendingBlob(ctx, key);
}
