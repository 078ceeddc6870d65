import type { Transaction } from "@lyceum/database";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import type { Job, JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { changeEntry, type EntryRow, findEntry, findSegment, lockEntry, putSegment } from "../index-store.ts";
import { countVectors } from "../model-store.ts";
import { embedKind, type IndexPayload, indexKind } from "./index-payload.ts";
import { hashName, readName, readText } from "./read-passages.ts";
import { createSegment } from "./write-segment.ts";

/**
 * Makes a document's words searchable, in a moment, and leaves its vectors to a job that may take minutes. Where all that
 * changed is the file's name, which is among its words, nobody is told.
 */
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
  const isDone = entry.state !== "INDEXING" && (await isWritten(ctx, entry, signal));
  const text = isDone ? undefined : await readText(ctx, entry, signal);
  if (!isDone && !text) return;
  const blob = text && (await createSegment(text.passages));
  const isEmbedded = entry.state === "INDEXED" && (await areVectorsKept(ctx, payload, signal));
  await complete(async (tx) => {
    const locked = await lockEntry(tx, fileId);
    if (locked?.revision !== revision || locked.trashed) return;
    if (text && blob) {
      const passageIds = text.passages.map(({ id }) => id);
      await putSegment(tx, fileId, revision, { blob, passageIds, nameHash: text.nameHash });
    }
    if (locked.state === "INDEXING") await publishSegment(ctx, tx, payload);
    if (locked.state === "INDEXING" || locked.state === "SEARCHABLE" || (locked.state === "INDEXED" && !isEmbedded)) {
      await ctx.jobs.enqueue(tx, { kind: embedKind, key: fileId, payload, lane: locked.ownerId });
    }
  });
}

/** A file that was in the trash may have missed a change of the embedding model, or the filling of an index. */
async function areVectorsKept(ctx: Context, payload: IndexPayload, signal: AbortSignal): Promise<boolean> {
  const count = await countVectors(ctx.database.db, payload, ctx.embedder.model);
  // If it cannot be asked, the job that embeds finds out, and words do not wait.
  return count > 0 && ctx.vectors.holds(payload, count, signal).catch(() => false);
}

/** Whether the stored segment is of the entry's revision and of the name the file has now. */
async function isWritten(ctx: Context, entry: EntryRow, signal: AbortSignal): Promise<boolean> {
  const segment = await findSegment(ctx.database.db, entry.fileId);
  if (segment?.revision !== entry.revision) return false;
  return segment.nameHash === hashName(await readName(ctx, entry, signal));
}

async function publishSegment(ctx: Context, tx: Transaction, { fileId, revision }: IndexPayload): Promise<void> {
  const version = await changeEntry(tx, fileId, { state: "SEARCHABLE" });
  await ctx.events.append(tx, documentSearchable({ fileId, revision, version }));
}

/** Gives a revision up: what is searchable already stays so. */
export async function failIndex(
  ctx: Context,
  tx: Transaction,
  { fileId, revision }: IndexPayload,
  reason: string,
): Promise<void> {
  const entry = await lockEntry(tx, fileId);
  if (entry?.revision !== revision || entry.trashed || entry.state === "INDEXED") return;
  const version = await changeEntry(tx, fileId, { state: "FAILED" });
  await ctx.events.append(tx, documentIndexFailed({ fileId, revision, reason, version }));
}
