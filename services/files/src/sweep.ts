import type { Host } from "@lyceum/service";
import type { Context } from "./context.ts";
import { endLinks } from "./end-links.ts";
import { purgeTrash } from "./purge-trash.ts";
import { endUploads } from "./resumable/end-uploads.ts";
import { listPendingBlobs } from "./store.ts";
import { discardPendingBlob } from "./store-upload.ts";

const everyMs = 3_600_000;
/** No upload takes this long. */
const staleAfterMs = 24 * 3_600_000;

/** Removes what has had its time, now and every hour. Replicas may do so at once. */
export function startSweep(ctx: Context, log: Host["log"]): AsyncDisposable {
  let running = Promise.resolve();
  const sweep = async () => {
    for (const remove of [sweepPendingBlobs, endUploads, endLinks, purgeTrash]) {
      await remove(ctx, new Date()).catch((error: unknown) =>
        log.warn({ err: error, sweep: remove.name }, "could not remove what has had its time; trying again in an hour"),
      );
    }
  };
  const start = () => {
    running = running.then(sweep);
  };
  start();
  const timer = setInterval(start, everyMs).unref();
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
