import { parentPort } from "node:worker_threads";
import {
  DamagedSegmentError,
  fuse,
  type Hit,
  openSegment,
  openVectors,
  type Segment,
  searchVectors,
  searchWords,
  type Vectors,
} from "@lyceum/text";
import type { Blob, SearchRequest, SearchResponse, SearchResult, WantedFile } from "./messages.ts";
import { SegmentCache } from "./segment-cache.ts";

const mebibyte = 1024 * 1024;
const segments = new SegmentCache<Segment>(40 * mebibyte);
const vectors = new SegmentCache<Vectors>(24 * mebibyte);
const candidates = 100;

type Search = Extract<SearchRequest, { kind: "search" }>;
/** A search with the files it has; the cache may let go of them meanwhile. */
type Waiting = { request: Search; files: Map<string, Opened>; damaged: Set<string> };
type Opened = { readonly build: number; segment?: Segment; vectors?: Vectors };

const waiting = new Map<number, Waiting>();

parentPort?.on("message", (request: SearchRequest) => {
  if (request.kind === "drop") {
    drop(request.fileIds);
    return;
  }
  try {
    if (request.kind === "search") begin(request);
    else load(request);
  } catch (error) {
    waiting.delete(request.id);
    send({ kind: "failed", id: request.id, error: String(error) });
  }
});

const send = (response: SearchResponse) => parentPort?.postMessage(response);

function drop(fileIds: readonly string[]): void {
  for (const fileId of fileIds) {
    segments.drop(fileId);
    vectors.drop(fileId);
  }
}

function begin(request: Search): void {
  const search: Waiting = { request, files: new Map(), damaged: new Set() };
  const missing = { segments: [] as string[], vectors: [] as string[] };
  for (const { fileId, revision, build, vectorBytes } of request.scope) {
    const wantsVectors = request.vector !== undefined && vectorBytes > 0;
    const segment = segments.find(fileId, versionOf(revision, build));
    const found = wantsVectors ? vectors.find(fileId, versionOf(revision, build, vectorBytes)) : undefined;
    if (!segment) missing.segments.push(fileId);
    if (wantsVectors && !found) missing.vectors.push(fileId);
    search.files.set(fileId, { build, ...(segment && { segment }), ...(found && { vectors: found }) });
  }
  if (missing.segments.length + missing.vectors.length === 0) {
    answer(search);
  } else {
    waiting.set(request.id, search);
    send({ kind: "missing", id: request.id, ...missing });
  }
}

// A revision's postings are written again under a new name, and all of it when the index is built anew; its row of vectors grows
// while the file is embedded.
const versionOf = (revision: number, build: number, vectorBytes = 0) => `${revision} ${build} ${vectorBytes}`;

function load({ id, blobs, last }: Extract<SearchRequest, { kind: "load" }>): void {
  const search = waiting.get(id);
  if (!search) return;
  for (const blob of blobs) open(search, blob);
  if (!last) return;
  waiting.delete(id);
  answer(search);
}

function open(search: Waiting, { fileId, revision, kind, bytes }: Blob): void {
  const file = search.files.get(fileId);
  if (!file) return;
  try {
    if (kind === "segments") {
      file.segment = openSegment(bytes);
      segments.put(fileId, { version: versionOf(revision, file.build), value: file.segment, sizeBytes: bytes.length });
    } else {
      file.vectors = openVectors(bytes);
      vectors.put(fileId, {
        version: versionOf(revision, file.build, bytes.length),
        value: file.vectors,
        sizeBytes: bytes.length,
      });
    }
  } catch (error) {
    if (!(error instanceof DamagedSegmentError)) throw error;
    search.damaged.add(fileId);
  }
}

type ScoredFile = WantedFile & { segment: Segment; vectors: Vectors | undefined };

function answer({ request, files, damaged }: Waiting): void {
  const start = performance.now();
  const scope: ScoredFile[] = [];
  for (const wanted of request.scope) {
    const file = files.get(wanted.fileId);
    if (!file?.segment) continue;
    const fits = file.vectors && file.vectors.count <= file.segment.passageCount;
    scope.push({ ...wanted, segment: file.segment, vectors: fits ? file.vectors : undefined });
  }
  const words = searchWords(
    scope.map(({ segment }) => segment),
    request.query,
    candidates,
  );
  const near = listNear(request, scope).filter(({ score }) => score >= request.nearness);
  const cosines = new Map(near.map(({ segment, passage, score }) => [`${segment} ${passage}`, score]));
  const hits = fuse(words.hits, near, request).slice(0, request.limit);
  const result: SearchResult = {
    hits: hits.flatMap(({ segment, passage, score }) => {
      const file = scope[segment];
      if (!file) return [];
      const { fileId, revision } = file;
      const cosine = cosines.get(`${segment} ${passage}`);
      return [
        {
          fileId,
          revision,
          passage,
          score,
          cosine,
          language: file.segment.language,
          standings: words.standings[segment] ?? [],
        },
      ];
    }),
    content: words.content,
    weights: words.weights,
    damaged: [...damaged],
    segmentCount: scope.length,
    scoringMs: performance.now() - start,
  };
  send({ kind: "found", id: request.id, result });
}

/** The passages nearest to the query: found elsewhere, as far as their files are still as they were then, or by looking at all. */
function listNear({ near, vector }: Search, scope: readonly ScoredFile[]): Hit[] {
  if (near) {
    const places = new Map(scope.map(({ fileId }, at) => [fileId, at]));
    return near.flatMap(({ fileId, revision, passage, cosine }) => {
      const segment = places.get(fileId) ?? -1;
      const file = scope[segment];
      return file?.revision === revision && passage < file.segment.passageCount
        ? [{ segment, passage, score: cosine }]
        : [];
    });
  }
  if (!vector) return [];
  return searchVectors(
    scope.map(({ vectors }) => vectors),
    vector,
    candidates,
  );
}
