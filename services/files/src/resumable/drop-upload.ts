import type { Context } from "../context.ts";
import { deleteUpload, lockUpload } from "../upload-store.ts";
import { changeUsage } from "../usage-store.ts";

/** Forgets an upload; what has come of it goes, and the room set aside for it is free, unless it has become a file. */
export async function dropUpload({ blobs, database }: Pick<Context, "blobs" | "database">, id: string): Promise<void> {
  await database.transaction(async (tx) => {
    const upload = await lockUpload(tx, id);
    if (!upload) return;
    await deleteUpload(tx, id);
    if (upload.finished) return;
    await changeUsage(tx, upload.ownerId, { reservedBytes: -upload.sizeBytes });
    // Whoever completes it meanwhile waits for the row, and finds it gone.
    await blobs.abandon(id, upload.mark ?? undefined);
    await blobs.delete(id);
  });
}
