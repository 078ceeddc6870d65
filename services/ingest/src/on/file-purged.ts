import { type EventHandler, projection } from "@lyceum/events";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { deleteContents } from "../content-store.ts";
import type { Context } from "../context.ts";
import { cancelParse } from "../jobs/parse.ts";
import { buryDocument, hasDocumentOf, lockDocument } from "../store.ts";

/** Projection: a purged file's document is erased, with its text unless another file of its owner has the same bytes. */
export const onFilePurged = (ctx: Context): EventHandler =>
  projection(filePurged, async ({ data: { fileId } }, tx) => {
    await cancelParse(ctx, tx, fileId);
    const row = await lockDocument(tx, fileId);
    await buryDocument(tx, fileId);
    if (!row) return;
    if (!(await hasDocumentOf(tx, row))) await deleteContents(tx, row);
    ctx.changes.announce(tx, row);
  });
