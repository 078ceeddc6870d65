import { ConnectError } from "@connectrpc/connect";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { rerank } from "./answering/rerank.ts";
import type { Context } from "./context.ts";
import { fileNotFound } from "./errors.ts";
import { findNear } from "./find-near.ts";
import { listPassageIds } from "./index-store.ts";
import { checkReadable, fetchPassages, type Reader } from "./reader.ts";
import { requestReindex } from "./reindex.ts";
import type { ReadPassage, Retrieval } from "./retrieval.ts";
import { listGivenFiles, type ScopeFile } from "./scope-store.ts";
import type { FoundHit } from "./searching/messages.ts";

const candidates = 100;
/** Passages whose text is looked at before the best are chosen. */
const reranked = 20;
const embedTimeoutMs = 5_000;

/** The best passages among the files the reader may read, or among `fileIds` of these; an unreadable one is `not_found`. */
export async function retrieve(
  ctx: Context,
  reader: Reader,
  { query, fileIds, limit }: { query: string; fileIds: readonly string[]; limit: number },
): Promise<Retrieval> {
  const readable = new Map<string, File>();
  if (fileIds.length > 0) {
    await checkReadable(reader, new Set(fileIds), readable);
    if (fileIds.some((fileId) => !readable.has(fileId))) throw fileNotFound();
  }
  const { model, weight, nearness } = ctx.embedder;
  // Given files have been checked with files itself, which knows of a grant before rag does.
  const scope =
    fileIds.length > 0 ? await listGivenFiles(ctx.database.db, fileIds, model) : await reader.listScope(model);
  const vector = await embedQuery(ctx, reader.signal, query, scope);
  const dense = await findNear(ctx, { readerId: reader.userId, vector, scope, limit: candidates }, reader.signal);
  const search = { query, scope, ...dense, weight, nearness, limit: Math.max(limit, candidates) };
  const { hits, content, weights, damaged } = await ctx.searcher.search(search, reader.signal);
  if (damaged.length > 0) await requestReindex(ctx, damaged);
  const asked = { content, weights };
  const passages: ReadPassage[] = [];
  const wanted = Math.max(limit, reranked);
  // What files does not let through is made up for by the next best.
  for (let at = 0; at < hits.length && passages.length < wanted; ) {
    const window = hits.slice(at, at + wanted - passages.length);
    passages.push(...(await readWindow(ctx, reader, window, readable)));
    at += window.length;
  }
  const best = rerank(passages.slice(0, reranked), query, asked);
  return { passages: [...best, ...passages.slice(reranked)].slice(0, limit), asked, vector };
}

async function readWindow(
  ctx: Context,
  reader: Reader,
  hits: readonly FoundHit[],
  readable: Map<string, File>,
): Promise<ReadPassage[]> {
  const unknown = new Set(hits.map(({ fileId }) => fileId).filter((fileId) => !readable.has(fileId)));
  const [, ids] = await Promise.all([checkReadable(reader, unknown, readable), listPassageIds(ctx.database.db, hits)]);
  const allowed = hits.flatMap((hit, at) => {
    const file = readable.get(hit.fileId);
    const id = ids[at];
    return file && id ? [{ hit, file, id }] : [];
  });
  const found = await fetchPassages(
    ctx,
    reader,
    allowed.map(({ id }) => id),
  );
  return allowed.flatMap(({ hit, file, id }) => {
    const passage = found.get(id);
    return passage ? [{ hit, file, passage }] : [];
  });
}

/** The query's vector, if there is anything to compare it with. Without the model, words alone must do. */
async function embedQuery(
  { embedder, log }: Context,
  waiting: AbortSignal,
  query: string,
  scope: readonly ScopeFile[],
): Promise<Float32Array | undefined> {
  if (!scope.some(({ vectorBytes }) => vectorBytes > 0) || !embedder.canRead(query)) return undefined;
  const signal = AbortSignal.any([waiting, AbortSignal.timeout(embedTimeoutMs)]);
  try {
    const [vector] = await embedder.embed([query], "query", signal);
    return vector;
  } catch (error) {
    if (waiting.aborted) throw ConnectError.from(error);
    log.warn({ err: error }, "A query is searched by its words only: the embedder does not answer.");
    return undefined;
  }
}
