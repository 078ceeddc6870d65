import { type EventHandler, projection } from "@lyceum/events";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import type { Context } from "../context.ts";
import { forgetFile } from "../forget-file.ts";
import { lockEntry, putEntry } from "../index-store.ts";
import { embedKind, indexKind } from "../jobs/index-payload.ts";

/** Projection: a file in the trash is searched by nobody. The mark stays, so that a late DocumentParsed cannot undo it. */
export const onFileDeleted = (ctx: Context): EventHandler =>
  projection(fileDeleted, async ({ data: { fileId, ownerId, version } }, tx) => {
    const known = await lockEntry(tx, fileId);
    if (known && known.fileVersion >= version) return;
    await putEntry(tx, fileId, ownerId, { trashed: true, fileVersion: version });
    for (const kind of [indexKind, embedKind]) await ctx.jobs.cancel(tx, kind, fileId);
    forgetFile(ctx, tx, fileId);
  });
