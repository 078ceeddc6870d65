import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { forward, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { queued } from "./document.ts";
import { documentNotFound } from "./errors.ts";
import { type DocumentRow, listDocumentsById, setFileName } from "./store.ts";

/** One document the caller may read. Throws `not_found` for any other. */
export async function getReadable(ctx: Context, call: HandlerContext, fileId: string): Promise<DocumentRow> {
  const [row] = await listReadable(ctx, call, [fileId]);
  if (!row) throw documentNotFound();
  return row;
}

/**
 * Those of at most 250 documents that the caller may read: their own, and what files allows. A file whose upload has not been
 * heard of yet has a document that waits.
 */
export async function listReadable(
  ctx: Context,
  call: HandlerContext,
  fileIds: readonly string[],
): Promise<DocumentRow[]> {
  const { userId } = personOf(call);
  const rows = await listDocumentsById(ctx.database.db, fileIds);
  const known = new Map(rows.map((row) => [row.fileId, row]));
  const isOwn = (fileId: string) => known.get(fileId)?.ownerId === userId;
  const own = await withNames(
    ctx,
    call,
    rows.filter(({ fileId }) => isOwn(fileId)),
  );
  const asked = fileIds.filter((fileId) => !isOwn(fileId));
  const files = await readableFiles(ctx, call, asked);
  return [...own, ...files.map((file) => named(known.get(file.id), file))];
}

/** The caller's own documents with their files' names; a name that can't be had now stays empty. */
export async function withNames(
  ctx: Context,
  call: HandlerContext,
  rows: readonly DocumentRow[],
): Promise<DocumentRow[]> {
  const nameless = rows.filter(({ fileName }) => fileName === "").map(({ fileId }) => fileId);
  const files = await readableFiles(ctx, call, nameless.slice(0, 250)).catch(() => []);
  const names = new Map(files.map(({ id, name }) => [id, name]));
  await Promise.all([...names].map(([fileId, name]) => setFileName(ctx.database.db, fileId, name)));
  return rows.map((row) => ({ ...row, fileName: row.fileName || (names.get(row.fileId) ?? "") }));
}

async function readableFiles(ctx: Context, call: HandlerContext, fileIds: readonly string[]): Promise<File[]> {
  if (fileIds.length === 0) return [];
  const request = { fileIds: [...new Set(fileIds)], includeTrashed: true };
  return (await ctx.clients.of(FileInternalService).batchGetReadableFiles(request, forward(call))).files;
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
  };
}
