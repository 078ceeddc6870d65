import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { queued } from "../document.ts";
import { documentNotFailed, notDocumentOwner } from "../errors.ts";
import { enqueueParse } from "../jobs/parse.ts";
import { toDocumentMessage } from "../messages.ts";
import { getReadable } from "../readable.ts";
import { lockDocument, updateDocument } from "../store.ts";

export const retryDocument =
  (ctx: Context): MethodImpl<typeof IngestService.method.retryDocument> =>
  async ({ fileId }, call) => {
    const { ownerId, fileName } = await getReadable(ctx, call, fileId);
    if (ownerId !== personOf(call).userId) throw notDocumentOwner();
    const row = await ctx.database.transaction(async (tx) => {
      const document = await lockDocument(tx, fileId);
      if (document?.state !== "FAILED" || document.trashed) throw documentNotFailed();
      await enqueueParse(ctx, tx, document);
      ctx.changes.announce(tx, document);
      return updateDocument(tx, fileId, queued);
    });
    return { document: toDocumentMessage({ ...row, fileName }) };
  };
