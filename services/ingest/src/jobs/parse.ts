import { Code, ConnectError } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { documentFailed } from "@lyceum/gen/events/lyceum/ingest/v1/document_failed.ts";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { Job, JobKind } from "@lyceum/service";
import { type ContentRow, findContent, insertContent, packFile } from "../content-store.ts";
import type { Context } from "../context.ts";
import { failed, parsed, parsing } from "../document.ts";
import { type FailureReason, ParseFailure } from "../parsers/failure.ts";
import { isReadable } from "../parsers/sniff.ts";
import type { ParsedFile } from "../parsing/parsed-file.ts";
import type { ParserPool } from "../parsing/parser-pool.ts";
import { type DocumentRow, findDocument, lockDocument, updateDocument, updateProgress } from "../store.ts";

const kind = "parse";
const progressEveryMs = 300;

type ParsePayload = { readonly fileId: string };

/** Has a document read; owners take turns. */
export function enqueueParse(ctx: Context, tx: Transaction, { fileId, ownerId }: { fileId: string; ownerId: string }) {
  return ctx.jobs.enqueue<ParsePayload>(tx, { kind, key: fileId, payload: { fileId }, lane: ownerId });
}

/** Stops reading a document, begun or not. */
export function cancelParse(ctx: Context, tx: Transaction, fileId: string): Promise<void> {
  return ctx.jobs.cancel(tx, kind, fileId);
}

/** Reads a file's text and passages, or says why they can't be read. */
export function createParseJob(ctx: Context, pool: ParserPool, concurrency: number): JobKind<ParsePayload> {
  return {
    kind,
    concurrency,
    maxAttempts: 5,
    run: (job) => runParse(ctx, pool, job),
    onDead: async ({ fileId }, _error, tx) => {
      await finishFailed(ctx, tx, fileId, "INTERNAL");
    },
  };
}

async function runParse(ctx: Context, pool: ParserPool, job: Job<ParsePayload>): Promise<void> {
  const { db } = ctx.database;
  const { fileId } = job.payload;
  const document = await findDocument(db, fileId);
  if (!document || !isWaiting(document)) return;
  const known = await findContent(db, document.ownerId, document.sha256);
  if (known) return job.complete((tx) => finishParsed(ctx, tx, fileId, async () => known));
  try {
    const file = await parseFile(ctx, pool, document, job.signal);
    if (!file) return;
    const packed = await packFile(file);
    await job.complete((tx) => finishParsed(ctx, tx, fileId, () => insertContent(tx, document, packed)));
  } catch (error) {
    // Purged meanwhile: there is nothing left to say about it.
    if (hasCode(error, Code.NotFound)) return;
    const reason = failureOf(error);
    if (!reason) throw error;
    await job.complete((tx) => finishFailed(ctx, tx, fileId, reason));
  }
}

async function parseFile(
  ctx: Context,
  pool: ParserPool,
  document: DocumentRow,
  signal: AbortSignal,
): Promise<ParsedFile | undefined> {
  if (document.sizeBytes === 0) throw new ParseFailure("EMPTY");
  if (!isReadable(document.mediaType)) throw new ParseFailure("UNSUPPORTED");
  if (!(await beginParse(ctx, document.fileId))) return undefined;
  const { ownerId, mediaType } = document;
  const progress = createProgressWriter(ctx, document);
  try {
    const content = readContent(ctx, document.fileId, signal);
    const file = await pool.parse({ ownerId, mediaType, content }, progress.write, signal);
    if (file.passages.length === 0) throw new ParseFailure("NO_TEXT");
    return file;
  } finally {
    await progress.end();
  }
}

/** False if the document went, or was cancelled, meanwhile. */
function beginParse(ctx: Context, fileId: string): Promise<boolean> {
  return ctx.database.transaction(async (tx) => {
    const document = await lockDocument(tx, fileId);
    if (!document || !isWaiting(document)) return false;
    await updateDocument(tx, fileId, parsing(0, 0));
    ctx.changes.announce(tx, document);
    return true;
  });
}

const isWaiting = ({ state, trashed }: DocumentRow) => !trashed && (state === "QUEUED" || state === "PARSING");

async function* readContent(ctx: Context, fileId: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const options = await ctx.clients.asService("files", { signal });
  for await (const { chunk } of ctx.clients.of(FileInternalService).readContent({ fileId }, options)) yield chunk;
}

/** Writes progress a few times a second, one write at a time; a write that fails costs nothing. */
function createProgressWriter(ctx: Context, document: DocumentRow) {
  let last = performance.now();
  let writing: Promise<void> | undefined;
  return {
    write: (pagesDone: number, pageCount: number) => {
      if (writing || performance.now() - last < progressEveryMs) return;
      last = performance.now();
      writing = updateProgress(ctx.database.db, document.fileId, parsing(pagesDone, pageCount))
        .then(() => ctx.changes.announceNow(document))
        .catch(() => {})
        .finally(() => {
          writing = undefined;
        });
    },
    end: async () => writing,
  };
}

async function finishParsed(
  ctx: Context,
  tx: Transaction,
  fileId: string,
  storeContent: () => Promise<ContentRow>,
): Promise<void> {
  const document = await lockDocument(tx, fileId);
  if (!document || !isWaiting(document)) return;
  const content = await storeContent();
  const status = parsed(document.revision, content);
  const { ownerId, version } = await updateDocument(tx, fileId, { ...status, contentId: content.id });
  const { revision, passageCount } = status;
  await ctx.events.append(tx, documentParsed({ fileId, ownerId, revision, passageCount, version }));
  ctx.changes.announce(tx, document);
}

async function finishFailed(ctx: Context, tx: Transaction, fileId: string, reason: FailureReason): Promise<void> {
  const document = await lockDocument(tx, fileId);
  if (!document || !isWaiting(document)) return;
  const { ownerId, version } = await updateDocument(tx, fileId, failed(reason));
  await ctx.events.append(tx, documentFailed({ fileId, ownerId, reason, version }));
  ctx.changes.announce(tx, document);
}

/** Why trying again is of no use; undefined if it may be. Bytes that are lost do not come back. */
function failureOf(error: unknown): FailureReason | undefined {
  if (error instanceof ParseFailure) return error.reason;
  return hasCode(error, Code.DataLoss) ? "CORRUPT" : undefined;
}

function hasCode(error: unknown, code: Code): boolean {
  return error instanceof ConnectError && error.code === code;
}
