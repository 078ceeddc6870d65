import { type EventHandler, reaction } from "@lyceum/events";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import type { JobQueue } from "@lyceum/service";
import { eraseQuotesKind } from "../jobs/erase-quotes.ts";

/** Reaction: a job erases what the assistant said of a file that is gone for good. */
export const onFilePurged = (jobs: JobQueue): EventHandler =>
  reaction(filePurged, async ({ data: { fileId } }, tx) => {
    await jobs.enqueue(tx, { kind: eraseQuotesKind, key: fileId, payload: { fileId }, lane: fileId });
  });
