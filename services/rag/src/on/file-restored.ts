import { type EventHandler, projection } from "@lyceum/events";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import type { Context } from "../context.ts";
import { lockEntry, putEntry } from "../index-store.ts";
import { indexKind } from "../jobs/index-payload.ts";

/** Projection: a file out of the trash is found again; what the trash stopped, or did not see, is indexed now. */
export const onFileRestored = ({ jobs }: Pick<Context, "jobs">): EventHandler =>
  projection(fileRestored, async ({ data: { fileId, ownerId, version } }, tx) => {
    const known = await lockEntry(tx, fileId);
    if (known && known.fileVersion >= version) return;
    const entry = await putEntry(tx, fileId, ownerId, { trashed: false, fileVersion: version });
    if (!entry?.revision) return;
    const { revision } = entry;
    await jobs.enqueue(tx, { kind: indexKind, key: fileId, payload: { fileId, revision }, lane: ownerId });
  });
