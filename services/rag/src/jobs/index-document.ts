import type { Transaction } from "@lyceum/database";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import type { Job, JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { findEntry, findSegmentRevision, lockEntry, putEntry, putSegment } from "../index-store.ts";
import { embedKind, type IndexPayload, indexKind } from "./index-payload.ts";
import { readPassages } from "./read-passages.ts";
import { createSegment } from "./write-segment.ts";

/** Makes a document's words searchable, in a moment, and leaves its vectors to a job that may take minutes. */
export const createIndexJob = (ctx: Context): JobKind<IndexPayload> => ({
  kind: indexKind,
  concurrency: 2,
  maxAttempts: 5,
  run: (job) => indexDocument(ctx, job),
  onDead: (payload, _, tx) => failIndex(ctx, tx, payload, "INDEX_FAILED"),
});

async function indexDocument(ctx: Context, { payload, signal, complete }: Job<IndexPayload>): Promise<void> {
  const { fileId, revision } = payload;
  const entry = await findEntry(ctx.database.db, fileId);
  if (!entry || entry.trashed || entry.revision !== revision) return;
  const passages = await readPassages(ctx, entry, signal);
  if (!passages) return;
  const isWritten = (await findSegmentRevision(ctx.database.db, fileId)) === revision && entry.state !== "INDEXING";
  const blob = isWritten ? undefined : await createSegment(passages);
  await complete(async (tx) => {
    const locked = await lockEntry(tx, fileId);
    if (locked?.revision !== revision || locked.trashed) return;
    if (blob)
      await publishSegment(
        ctx,
        tx,
        payload,
        locked.ownerId,
        blob,
        passages.map(({ id }) => id),
      );
    await ctx.jobs.enqueue(tx, { kind: embedKind, key: fileId, payload, lane: locked.ownerId });
  });
}

async function publishSegment(
  ctx: Context,
  tx: Transaction,
  { fileId, revision }: IndexPayload,
  ownerId: string,
  blob: Uint8Array,
  ids: string[],
): Promise<void> {
  await putSegment(tx, fileId, revision, blob, ids);
  const { version } = await putEntry(tx, fileId, ownerId, { state: "SEARCHABLE" });
  await ctx.events.append(tx, documentSearchable({ fileId, revision, version }));
  // A blob that was damaged in the cache has the revision of the one that replaces it.
  ctx.database.afterCommit(tx, () => ctx.searcher.drop([fileId]));
}

/** Gives a revision up: what is searchable already stays so. */
export async function failIndex(
  ctx: Context,
  tx: Transaction,
  { fileId, revision }: IndexPayload,
  reason: string,
): Promise<void> {
  const entry = await lockEntry(tx, fileId);
  if (entry?.revision !== revision) return;
  const { version } = await putEntry(tx, fileId, entry.ownerId, { state: "FAILED" });
  await ctx.events.append(tx, documentIndexFailed({ fileId, revision, reason, version }));
}
