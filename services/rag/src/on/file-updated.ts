import { type EventHandler, projection } from "@lyceum/events";
import { fileUpdated } from "@lyceum/gen/events/lyceum/files/v1/file_updated.ts";
import type { Context } from "../context.ts";
import { changeEntry, lockEntry } from "../index-store.ts";
import { indexKind } from "../jobs/index-payload.ts";

/** Projection: a file is found by its name, so a new one is indexed. The job sees whether it was the name that changed. */
export const onFileUpdated = ({ jobs }: Pick<Context, "jobs">): EventHandler =>
  projection(fileUpdated, async ({ data: { fileId, ownerId, version } }, tx) => {
    const known = await lockEntry(tx, fileId);
    if (!known || known.state === "PURGED" || known.fileVersion >= version) return;
    await changeEntry(tx, fileId, { fileVersion: version });
    const { revision, trashed } = known;
    if (trashed || revision === 0) return;
    await jobs.enqueue(tx, { kind: indexKind, key: fileId, payload: { fileId, revision }, lane: ownerId });
  });
