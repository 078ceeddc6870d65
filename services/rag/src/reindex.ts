import type { Context } from "./context.ts";
import { changeEntry, lockEntry } from "./index-store.ts";
import { indexKind } from "./jobs/index-payload.ts";

/** Has files indexed again whose stored blobs are damaged. */
export async function requestReindex(
  { database, jobs, log }: Pick<Context, "database" | "jobs" | "log">,
  fileIds: readonly string[],
): Promise<void> {
  for (const fileId of fileIds) {
    log.warn({ fileId }, "A damaged segment is indexed again.");
    await database.transaction(async (tx) => {
      const entry = await lockEntry(tx, fileId);
      if (!entry || entry.trashed || entry.state === "INDEXING") return;
      const { ownerId, revision } = entry;
      await changeEntry(tx, fileId, { state: "INDEXING" });
      await jobs.enqueue(tx, { kind: indexKind, key: fileId, payload: { fileId, revision }, lane: ownerId });
    });
  }
}
