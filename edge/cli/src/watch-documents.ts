import { setTimeout as sleep } from "node:timers/promises";
import { type Document, DocumentState, problemOf } from "@lyceum/client";
import type { Cli } from "./open-cli.ts";

/** How many documents one call follows. */
const batch = 250;
const retryMs = 1_000;
/** A Lyceum that is started again is back by then. */
const maxAwayMs = 60_000;

/** The states of documents until all are ready or failed, over restarts of the Lyceum. */
export async function* watchDocuments({ lyceum, io }: Cli, fileIds: readonly string[]): AsyncGenerator<Document> {
  const unfinished = new Set(fileIds);
  let heardMs = performance.now();
  while (unfinished.size > 0) {
    // Leaving its loop does not end a stream of Connect's.
    const done = new AbortController();
    const signal = AbortSignal.any([io.signal, done.signal]);
    try {
      const watched = [...unfinished].slice(0, batch);
      for await (const { document } of lyceum.ingest.watchDocuments({ fileIds: watched }, { signal })) {
        heardMs = performance.now();
        if (!document) continue;
        yield document;
        if (document.state === DocumentState.READY || document.state === DocumentState.FAILED) {
          unfinished.delete(document.fileId);
        }
        if (watched.every((fileId) => !unfinished.has(fileId))) break;
      }
    } catch (error) {
      if (io.signal.aborted || problemOf(error).code !== "unavailable") throw error;
      if (performance.now() - heardMs > maxAwayMs) throw error;
    } finally {
      done.abort();
    }
    if (unfinished.size > 0) await sleep(retryMs, undefined, { signal: io.signal });
  }
}
