import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { invalidField, personOf, readPage, writePageToken } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toDocumentMessage } from "../messages.ts";
import { asCaller, withNames } from "../readable.ts";
import { type ListPosition, listOwnDocuments } from "../store.ts";

export const listDocuments =
  (ctx: Context): MethodImpl<typeof IngestService.method.listDocuments> =>
  async (req, call) => {
    const { limit, after } = readPage<unknown>(req);
    const rows = await listOwnDocuments(ctx.database.db, personOf(call).userId, limit + 1, readPosition(after));
    const page = await withNames(ctx, asCaller(call), rows.slice(0, limit));
    const last = page[page.length - 1];
    return {
      documents: page.map(toDocumentMessage),
      nextPageToken: rows.length > limit && last ? writePageToken([last.createTime.getTime(), last.fileId]) : "",
    };
  };

function readPosition(after: unknown): ListPosition | undefined {
  if (after === undefined) return undefined;
  if (Array.isArray(after) && Number.isSafeInteger(after[0]) && typeof after[1] === "string") {
    const createTime = new Date(after[0]);
    if (!Number.isNaN(createTime.getTime())) return { createTime, fileId: after[1] };
  }
  throw invalidField("page_token", "is not a token that this list has given out");
}
