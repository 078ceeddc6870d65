import { Worker } from "node:worker_threads";
import type { Database } from "@lyceum/database";
import { readBlobs } from "../index-store.ts";
import type { ScopeFile } from "../scope-store.ts";
import type { NearPassage } from "../vectors/vector-index.ts";
import type { Blob, SearchRequest, SearchResponse, SearchResult } from "./messages.ts";

/** What to search for, and where. */
export type Search = {
  readonly query: string;
  readonly scope: readonly ScopeFile[];
  /** The query's vector, if the searcher is to compare it with those of the files. */
  readonly vector: Float32Array | undefined;
  /** The passages near the query, if another has compared vectors. */
  readonly near?: readonly NearPassage[] | undefined;
  /** How much vectors count beside words. */
  readonly weight: number;
  /** The cosine below which a vector is no match. */
  readonly nearness: number;
  readonly limit: number;
};

/** Scores segments in a worker, so that no search holds up another call. */
export interface Searcher extends AsyncDisposable {
  /** The best passages of the scope. Rejects with the signal's reason. */
  search(search: Search, signal: AbortSignal): Promise<SearchResult>;
  /** Lets go of what is in memory of these files. */
  drop(fileIds: readonly string[]): void;
}

type Pending = {
  readonly scope: ReadonlyMap<string, ScopeFile>;
  readonly resolve: (result: SearchResult) => void;
  readonly reject: (error: Error) => void;
};

class WorkerLostError extends Error {
  override readonly name = "WorkerLostError";
}

/** Opens a searcher over the segments in `database` and the vectors of `model`. Its worker starts with the first search. */
export function openSearcher(
  database: Database,
  model: string,
  { program = new URL("./search-worker.ts", import.meta.url) }: { program?: URL } = {},
): Searcher {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let count = 0;

  const start = (): Worker => {
    const started = new Worker(program);
    started.unref();
    started.on("message", receive);
    started.on("error", (error: Error) => lose(started, error.message));
    started.on("exit", () => lose(started, "it ended"));
    return started;
  };
  const lose = (from: Worker, reason: string) => {
    if (from !== worker) return;
    worker = undefined;
    for (const { reject } of pending.values()) reject(new WorkerLostError(`The search worker broke off: ${reason}`));
    pending.clear();
  };
  const send = (request: SearchRequest, transfer: ArrayBuffer[] = []) => {
    worker ??= start();
    worker.postMessage(request, transfer);
  };
  const receive = (response: SearchResponse) => {
    const search = pending.get(response.id);
    if (!search) return;
    if (response.kind === "missing") {
      load(response, search).catch((error) => finish(response.id, () => search.reject(error)));
    } else if (response.kind === "found") finish(response.id, () => search.resolve(response.result));
    else finish(response.id, () => search.reject(new Error(`A search failed: ${response.error}`)));
  };
  const finish = (id: number, end: () => void) => {
    pending.delete(id);
    end();
  };
  const load = async (missing: Extract<SearchResponse, { kind: "missing" }>, { scope }: Pending) => {
    for (const kind of ["segments", "vectors"] as const) {
      const wanted = missing[kind].flatMap((fileId) => {
        const file = scope.get(fileId);
        return file ? [{ ...file, sizeBytes: kind === "segments" ? file.sizeBytes : file.vectorBytes }] : [];
      });
      for await (const blobs of readBlobs(database, kind, wanted, model)) sendBlobs(missing.id, kind, blobs);
    }
    send({ kind: "load", id: missing.id, blobs: [], last: true });
  };
  const sendBlobs = (id: number, kind: Blob["kind"], read: readonly Omit<Blob, "kind">[]) => {
    // Copied, because what Postgres gave may share one buffer.
    const blobs = read.map((blob) => ({ ...blob, kind, bytes: new Uint8Array(blob.bytes) }));
    send(
      { kind: "load", id, blobs, last: false },
      blobs.map(({ bytes }) => bytes.buffer),
    );
  };
  const searchOnce = ({ scope, ...search }: Search) =>
    new Promise<SearchResult>((resolve, reject) => {
      const id = ++count;
      pending.set(id, { scope: new Map(scope.map((file) => [file.fileId, file])), resolve, reject });
      const wanted = scope.map(({ fileId, revision, build, vectorBytes }) => ({
        fileId,
        revision,
        build,
        vectorBytes,
      }));
      send({ kind: "search", id, ...search, scope: wanted });
    });

  return {
    async search(search, signal) {
      signal.throwIfAborted();
      const result = searchOnce(search).catch((error) => {
        // A worker that died is started anew once; what killed it may have been another search.
        if (error instanceof WorkerLostError) return searchOnce(search);
        throw error;
      });
      return Promise.race([result, rejectionOf(signal, result)]);
    },
    drop(fileIds) {
      if (worker) send({ kind: "drop", fileIds });
    },
    async [Symbol.asyncDispose]() {
      const ended = worker;
      if (ended) lose(ended, "the service stops");
      await ended?.terminate();
    },
  };
}

/** Rejects when the signal is aborted before `work` is done. */
function rejectionOf(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    const done = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    work.then(done, done);
  });
}
