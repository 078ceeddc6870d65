import type { MethodImpl } from "@connectrpc/connect";
import { documentFailed } from "@lyceum/gen/events/lyceum/ingest/v1/document_failed.ts";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { canceled } from "../document.ts";
import { documentFinished, notDocumentOwner } from "../errors.ts";
import { cancelParse } from "../jobs/parse.ts";
import { toDocumentMessage } from "../messages.ts";
import { getReadable } from "../readable.ts";
import { lockDocument, updateDocument } from "../store.ts";

export const cancelDocument =
  (ctx: Context): MethodImpl<typeof IngestService.method.cancelDocument> =>
  async ({ fileId }, call) => {
    const { ownerId, fileName } = await getReadable(ctx, call, fileId);
    if (ownerId !== personOf(call).userId) throw notDocumentOwner();
    const row = await ctx.database.transaction(async (tx) => {
      const document = await lockDocument(tx, fileId);
      const status = document && !document.trashed ? canceled(document) : undefined;
      if (!document || !status) throw documentFinished();
      await cancelParse(ctx, tx, fileId);
      const changed = await updateDocument(tx, fileId, { ...status, contentId: null });
      await ctx.events.append(tx, documentFailed({ fileId, ownerId, reason: "CANCELED", version: changed.version }));
      ctx.changes.announce(tx, document);
      return changed;
    });
    return { document: toDocumentMessage({ ...row, fileName }) };
  };
