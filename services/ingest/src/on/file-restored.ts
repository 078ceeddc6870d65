import { type EventHandler, reaction } from "@lyceum/events";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import type { Context } from "../context.ts";
import { resumed } from "../document.ts";
import { enqueueParse } from "../jobs/parse.ts";
import { lockDocument, updateDocument } from "../store.ts";

/** Reaction: a restored file's document is listed again, and read if the trash stopped that. */
export const onFileRestored = (ctx: Context): EventHandler =>
  reaction(fileRestored, async ({ data: { fileId, version } }, tx) => {
    const row = await lockDocument(tx, fileId);
    if (!row || row.fileVersion >= version) return;
    const status = resumed(row);
    if (status) await enqueueParse(ctx, tx, row);
    await updateDocument(tx, fileId, { ...status, trashed: false, fileVersion: version });
    ctx.changes.announce(tx, row);
  });
