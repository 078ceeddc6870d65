import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { forward, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { queued } from "./document.ts";
import { documentNotFound } from "./errors.ts";
import { type DocumentRow, listDocumentsById, setFileName } from "./store.ts";

/** Whose rights count, and how files is asked about them. */
export type Reader = { readonly userId: string; options(): Promise<CallOptions> };

/** The caller, with the token of the call. */
export function asCaller(call: HandlerContext): Reader {
  return { userId: personOf(call).userId, options: async () => forward(call) };
}

/** The caller of a stream, which lives longer than the token it began with. */
export function asWatcher(ctx: Context, call: HandlerContext): Reader {
  const { userId } = personOf(call);
  const options = { signal: call.signal, onBehalfOf: userId, timeoutMs: 10_000 };
  return { userId, options: () => ctx.clients.asService("files", options) };
}

/** One document the caller may read. Throws `not_found` for any other. */
export async function getReadable(ctx: Context, call: HandlerContext, fileId: string): Promise<DocumentRow> {
  const [row] = await listReadable(ctx, asCaller(call), [fileId]);
  if (!row) throw documentNotFound();
  return row;
}

/**
 * Those of at most 250 documents that someone may read: their own, and what files allows. A file whose upload has not been
 * heard of yet has a document that waits.
 */
export async function listReadable(ctx: Context, reader: Reader, fileIds: readonly string[]): Promise<DocumentRow[]> {
  const rows = await listDocumentsById(ctx.database.db, fileIds);
  const known = new Map(rows.map((row) => [row.fileId, row]));
  const isOwn = (fileId: string) => known.get(fileId)?.ownerId === reader.userId;
  const own = await withNames(
    ctx,
    reader,
    rows.filter(({ fileId }) => isOwn(fileId)),
  );
  const asked = fileIds.filter((fileId) => !isOwn(fileId));
  const files = await readableFiles(ctx, reader, asked);
  return [...own, ...files.map((file) => named(known.get(file.id), file))];
}

/** Someone's own documents with their files' names; a name that can't be had now stays empty. */
export async function withNames(ctx: Context, reader: Reader, rows: readonly DocumentRow[]): Promise<DocumentRow[]> {
  const nameless = rows.filter(({ fileName }) => fileName === "").map(({ fileId }) => fileId);
  const files = await readableFiles(ctx, reader, nameless.slice(0, 250)).catch(() => []);
  const names = new Map(files.map(({ id, name }) => [id, name]));
  await Promise.all([...names].map(([fileId, name]) => setFileName(ctx.database.db, fileId, name)));
  return rows.map((row) => ({ ...row, fileName: row.fileName || (names.get(row.fileId) ?? "") }));
}

async function readableFiles(ctx: Context, reader: Reader, fileIds: readonly string[]): Promise<File[]> {
  if (fileIds.length === 0) return [];
  const request = { fileIds: [...new Set(fileIds)], includeTrashed: true };
  return (await ctx.clients.of(FileInternalService).batchGetReadableFiles(request, await reader.options())).files;
}

function named(row: DocumentRow | undefined, file: File): DocumentRow {
  return row ? { ...row, fileName: file.name } : expected(file);
}

/** The document of a file whose upload is still on its way here. */
function expected(file: File): DocumentRow {
  const time = file.createTime ? timestampDate(file.createTime) : new Date();
  return {
    ...queued,
    fileId: file.id,
    ownerId: file.ownerId,
    fileName: file.name,
    mediaType: file.mediaType,
    sizeBytes: Number(file.sizeBytes),
    sha256: file.sha256,
    contentId: null,
    revision: 0,
    trashed: false,
    createTime: time,
    updateTime: time,
    version: 0,
    fileVersion: 0,
  };
}
