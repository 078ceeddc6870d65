import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { invalidField, readPage, writePageToken } from "@lyceum/service";
import { listPassages as listPassageRows } from "../content-store.ts";
import type { Context } from "../context.ts";
import { documentNotParsed } from "../errors.ts";
import { toPassageMessage } from "../messages.ts";
import { getReadable } from "../readable.ts";

export const listPassages =
  (ctx: Context): MethodImpl<typeof IngestService.method.listPassages> =>
  async (req, call) => {
    const document = await getReadable(ctx, call, req.fileId);
    if (!document.contentId) throw documentNotParsed();
    const { limit, after } = readPage<unknown>(req);
    const first = readFirst(after, document.revision);
    const rows = await listPassageRows(ctx.database.db, document.contentId, first, limit + 1);
    return {
      passages: rows.slice(0, limit).map((row) => toPassageMessage(document, row)),
      nextPageToken: rows.length > limit ? writePageToken([document.revision, first + limit]) : "",
    };
  };

/** Pages of different revisions don't fit together. */
function readFirst(after: unknown, revision: number): number {
  if (after === undefined) return 0;
  if (
    Array.isArray(after) &&
    after[0] === revision &&
    Number.isInteger(after[1]) &&
    after[1] >= 0 &&
    after[1] < 2 ** 31
  ) {
    return after[1];
  }
  throw invalidField("page_token", "is not a token that this list has given out for the present passages");
}
