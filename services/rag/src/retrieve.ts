import { type CallOptions, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { DocumentPassage } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { forward, personOf } from "@lyceum/service";
import { rerank } from "./answering/rerank.ts";
import type { Context } from "./context.ts";
import { fileNotFound } from "./errors.ts";
import { listPassageIds, listScope, type ScopeFile } from "./index-store.ts";
import { requestReindex } from "./reindex.ts";
import type { ReadPassage, Retrieval } from "./retrieval.ts";
import type { FoundHit } from "./searching/messages.ts";

const candidates = 100;
/** Passages whose text is looked at before the best are chosen. */
const reranked = 20;
const embedTimeoutMs = 5_000;

/** The best passages among the files the caller may read, or among `fileIds` of these; an unreadable one is `not_found`. */
export async function retrieve(
  ctx: Context,
  call: HandlerContext,
  { query, fileIds, limit }: { query: string; fileIds: readonly string[]; limit: number },
): Promise<Retrieval> {
  const readable = new Map<string, File>();
  if (fileIds.length > 0) {
    await checkReadable(ctx, call, new Set(fileIds), readable);
    if (fileIds.some((fileId) => !readable.has(fileId))) throw fileNotFound();
  }
  const { model, weight, nearness } = ctx.embedder;
  const scope = await listScope(
    ctx.database.db,
    personOf(call).userId,
    model,
    fileIds.length > 0 ? fileIds : undefined,
  );
  const vector = await embedQuery(ctx, call, query, scope);
  const search = { query, scope, vector, weight, nearness, limit: Math.max(limit, candidates) };
  const { hits, content, weights, damaged } = await ctx.searcher.search(search, call.signal);
  if (damaged.length > 0) await requestReindex(ctx, damaged);
  const asked = { content, weights };
  const passages: ReadPassage[] = [];
  const wanted = Math.max(limit, reranked);
  // What files does not let through is made up for by the next best.
  for (let at = 0; at < hits.length && passages.length < wanted; ) {
    const window = hits.slice(at, at + wanted - passages.length);
    passages.push(...(await readWindow(ctx, call, window, readable)));
    at += window.length;
  }
  const best = rerank(passages.slice(0, reranked), asked);
  return { passages: [...best, ...passages.slice(reranked)].slice(0, limit), asked, vector };
}

async function readWindow(
  ctx: Context,
  call: HandlerContext,
  hits: readonly FoundHit[],
  readable: Map<string, File>,
): Promise<ReadPassage[]> {
  const unknown = new Set(hits.map(({ fileId }) => fileId).filter((fileId) => !readable.has(fileId)));
  const [, ids] = await Promise.all([
    checkReadable(ctx, call, unknown, readable),
    listPassageIds(ctx.database.db, hits),
  ]);
  const allowed = hits.flatMap((hit, at) => {
    const file = readable.get(hit.fileId);
    const id = ids[at];
    return file && id ? [{ hit, file, id }] : [];
  });
  const found = await fetchPassages(
    ctx,
    call,
    allowed.map(({ id }) => id),
  );
  return allowed.flatMap(({ hit, file, id }) => {
    const passage = found.get(id);
    return passage ? [{ hit, file, passage }] : [];
  });
}

/** Adds those of these files that the caller may read right now, by the word of files itself. */
export async function checkReadable(
  { clients }: Pick<Context, "clients">,
  call: HandlerContext,
  fileIds: ReadonlySet<string>,
  readable: Map<string, File>,
): Promise<void> {
  if (fileIds.size === 0) return;
  const { files } = await clients
    .of(FileInternalService)
    .batchGetReadableFiles({ fileIds: [...fileIds] }, forward(call));
  for (const file of files) readable.set(file.id, file);
}

/** Passages by id, as far as they are still there. Only for files that have been checked. */
export async function fetchPassages(
  ctx: Pick<Context, "clients">,
  call: HandlerContext,
  passageIds: readonly string[],
): Promise<Map<string, DocumentPassage>> {
  if (passageIds.length === 0) return new Map();
  const { passages } = await ctx.clients
    .of(IngestInternalService)
    .batchGetPassages({ passageIds: [...new Set(passageIds)] }, await asRag(ctx, call));
  return new Map(passages.flatMap(({ passage }) => (passage ? [[passage.id, passage] as const] : [])));
}

/** Call options for ingest, which knows services only, within the time and trace of the caller's call. */
export async function asRag({ clients }: Pick<Context, "clients">, call: HandlerContext): Promise<CallOptions> {
  const { timeoutMs, headers } = forward(call);
  const options = await clients.asService("ingest", {
    signal: call.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const merged = new Headers(options.headers);
  const traceparent = new Headers(headers).get("traceparent");
  if (traceparent) merged.set("traceparent", traceparent);
  return { ...options, headers: merged };
}

/** The query's vector, if there is anything to compare it with. Without the model, words alone must do. */
async function embedQuery(
  { embedder, log }: Context,
  call: HandlerContext,
  query: string,
  scope: readonly ScopeFile[],
): Promise<Float32Array | undefined> {
  if (!scope.some(({ vectorBytes }) => vectorBytes > 0) || !embedder.canRead(query)) return undefined;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(embedTimeoutMs)]);
  try {
    const [vector] = await embedder.embed([query], "query", signal);
    return vector;
  } catch (error) {
    if (call.signal.aborted) throw ConnectError.from(error);
    log.warn({ err: error }, "A query is searched by its words only: the embedder does not answer.");
    return undefined;
  }
}
