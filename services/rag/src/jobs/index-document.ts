import { Code, ConnectError } from "@connectrpc/connect";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentIndexed } from "@lyceum/gen/events/lyceum/rag/v1/document_indexed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import type { Job, JobKind } from "@lyceum/service";
import { writeVectors } from "@lyceum/text";
import type { Context } from "../context.ts";
import { EmbedderUnavailableError } from "../embedder/embedder.ts";
import { findEntry, findSegmentRevision, lockEntry, putEntry, putSegment, putVectors } from "../index-store.ts";
import { embedPassages } from "./embed-passages.ts";
import { type IndexPayload, indexKind } from "./index-payload.ts";
import { type IndexedPassage, readPassages } from "./read-passages.ts";
import { createSegment } from "./write-segment.ts";

/**
 * Makes a document searchable: its postings first, so that words find it within seconds, then its vectors in batches. Begun
 * anew after a crash, it goes on where it was.
 */
export const createIndexJob = (ctx: Context): JobKind<IndexPayload> => ({
  kind: indexKind,
  concurrency: 2,
  maxAttempts: 5,
  run: (job) => indexDocument(ctx, job),
  onDead: async ({ fileId, revision }, error, tx) => {
    const entry = await lockEntry(tx, fileId);
    if (entry?.revision !== revision) return;
    const { version } = await putEntry(tx, fileId, entry.ownerId, { state: "FAILED" });
    const reason = error instanceof EmbedderUnavailableError ? "EMBEDDER_UNAVAILABLE" : "INDEX_FAILED";
    await ctx.events.append(tx, documentIndexFailed({ fileId, revision, reason, version }));
  },
});

async function indexDocument(ctx: Context, job: Job<IndexPayload>): Promise<void> {
  const { payload, signal } = job;
  const { fileId, revision } = payload;
  const entry = await findEntry(ctx.database.db, fileId);
  if (!entry || entry.trashed || entry.revision !== revision) return;
  const passages = await readPassages(ctx, entry, signal).catch((error) => {
    // The document was read anew or is gone; another event tells.
    if (ConnectError.from(error).code === Code.NotFound) return undefined;
    throw error;
  });
  if (!passages) return;
  if ((await findSegmentRevision(ctx.database.db, fileId)) !== revision || entry.state === "INDEXING") {
    await makeSearchable(ctx, payload, passages);
  }
  const vectors = await embedPassages(ctx, payload, passages, signal);
  await job.complete(async (tx) => {
    const locked = await lockEntry(tx, fileId);
    if (locked?.revision !== revision || locked.trashed) return;
    const { model, dimensions } = ctx.embedder;
    if (vectors) await putVectors(tx, fileId, model, revision, writeVectors(vectors, dimensions));
    const { version } = await putEntry(tx, fileId, locked.ownerId, { state: "INDEXED" });
    await ctx.events.append(tx, documentIndexed({ fileId, revision, version }));
  });
}

async function makeSearchable(
  ctx: Context,
  { fileId, revision }: IndexPayload,
  passages: readonly IndexedPassage[],
): Promise<void> {
  const blob = await createSegment(passages);
  await ctx.database.transaction(async (tx) => {
    const entry = await lockEntry(tx, fileId);
    if (entry?.revision !== revision || entry.trashed) return;
    const ids = passages.map(({ id }) => id);
    await putSegment(tx, fileId, revision, blob, ids);
    const { version } = await putEntry(tx, fileId, entry.ownerId, { state: "SEARCHABLE" });
    await ctx.events.append(tx, documentSearchable({ fileId, revision, version }));
    // A blob that was damaged in the cache has the revision of the one that replaces it.
    ctx.database.afterCommit(tx, () => ctx.searcher.drop([fileId]));
  });
}
