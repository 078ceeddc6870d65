import { type EventHandler, reaction } from "@lyceum/events";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import type { Context } from "../context.ts";
import { stopped } from "../document.ts";
import { cancelParse } from "../jobs/parse.ts";
import { lockDocument, updateDocument } from "../store.ts";

/** Reaction: a trashed file's document leaves the lists, and reading it stops. */
export const onFileDeleted = (ctx: Context): EventHandler =>
  reaction(fileDeleted, async ({ data: { fileId, version } }, tx) => {
    const row = await lockDocument(tx, fileId);
    if (!row || row.fileVersion >= version) return;
    await cancelParse(ctx, tx, fileId);
    await updateDocument(tx, fileId, { ...stopped(row), trashed: true, fileVersion: version });
    ctx.changes.announce(tx, row);
  });
