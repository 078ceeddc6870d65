import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { getContentText, listPages } from "../content-store.ts";
import type { Context } from "../context.ts";
import { documentNotParsed } from "../errors.ts";
import { getReadable } from "../readable.ts";

export const getDocumentText =
  (ctx: Context): MethodImpl<typeof IngestService.method.getDocumentText> =>
  async ({ fileId }, call) => {
    const { contentId } = await getReadable(ctx, call, fileId);
    if (!contentId) throw documentNotParsed();
    const { db } = ctx.database;
    const [text, pages] = await Promise.all([getContentText(db, contentId), listPages(db, contentId)]);
    return { text, pages };
  };
