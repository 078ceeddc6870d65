import { type Host, startSweep } from "@lyceum/service";
import type { Context } from "./context.ts";
import { endLinks } from "./end-links.ts";
import { purgeTrash } from "./purge-trash.ts";
import { endUploads } from "./resumable/end-uploads.ts";
import { listPendingBlobs } from "./store.ts";
import { discardPendingBlob } from "./store-upload.ts";

/** No upload takes this long. */
const staleAfterMs = 24 * 3_600_000;

/** Removes blobs, uploads, links and trash that have had their time. */
export function sweepHourly(ctx: Context, log: Host["log"]): AsyncDisposable {
  return startSweep(
    {
      "pending blobs": (now) => sweepPendingBlobs(ctx, now),
      uploads: (now) => endUploads(ctx, now),
      links: (now) => endLinks(ctx, now),
      trash: (now) => purgeTrash(ctx, now),
    },
    log,
  );
}

/** Deletes the blobs that have been pending for longer than any upload takes. */
export async function sweepPendingBlobs(ctx: Pick<Context, "database" | "blobs">, now: Date): Promise<void> {
  const stale = await listPendingBlobs(ctx.database.db, new Date(now.getTime() - staleAfterMs));
  for (const key of stale) await discardPendingBlob(ctx, key);
}
