import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import type { Context } from "../context.ts";
import { documentNotFound } from "../errors.ts";
import { toDocumentMessage } from "../messages.ts";
import { asWatcher, listReadable, type Reader, withNames } from "../readable.ts";
import { type DocumentRow, listDocumentsById, listUnfinishedDocuments } from "../store.ts";

/** Signals between processes may be lost: this often everything is looked at again. */
const lookAgainMs = 10_000;

export const watchDocuments = (ctx: Context): MethodImpl<typeof IngestService.method.watchDocuments> =>
  async function* (req, call) {
    const named = new Set(req.fileIds);
    const reader = asWatcher(ctx, call);
    using listener = ctx.changes.listen(({ fileId, ownerId }) =>
      named.size > 0 ? named.has(fileId) : ownerId === reader.userId,
    );
    const look = named.size > 0 ? lookAtNamed(ctx, reader, named) : lookAtOwn(ctx, reader);
    const sent = new Map<string, number>();
    let changed: ReadonlySet<string> | undefined;
    while (!call.signal.aborted) {
      for (const row of await look(changed)) {
        if (row.version <= (sent.get(row.fileId) ?? -1)) continue;
        sent.set(row.fileId, row.version);
        yield { document: toDocumentMessage(row) };
      }
      const taken = await listener.take(lookAgainMs, call.signal);
      changed = taken.size > 0 ? taken : undefined;
    }
  };

/** Reads what has changed, or all there is to see. */
type Look = (changed: ReadonlySet<string> | undefined) => Promise<DocumentRow[]>;

/** Rights are asked for at every look: a share that ends, ends here too. */
function lookAtNamed(ctx: Context, reader: Reader, named: ReadonlySet<string>): Look {
  let isFirst = true;
  return async (changed) => {
    const rows = await listReadable(ctx, reader, [...(changed ?? named)]);
    if (isFirst && rows.length < named.size) throw documentNotFound();
    isFirst = false;
    return rows;
  };
}

/** Own documents are looked at until they are finished, also when the news of it is lost. */
function lookAtOwn(ctx: Context, reader: Reader): Look {
  let unfinished: string[] = [];
  return async (changed) => {
    const { db } = ctx.database;
    const rows = changed
      ? await listDocumentsById(db, [...changed])
      : [...(await listUnfinishedDocuments(db, reader.userId)), ...(await listDocumentsById(db, unfinished))];
    const own = rows.filter((row) => row.ownerId === reader.userId && !row.trashed);
    if (!changed)
      unfinished = rows.filter(({ state }) => state !== "READY" && state !== "FAILED").map(({ fileId }) => fileId);
    return withNames(ctx, reader, own);
  };
}
