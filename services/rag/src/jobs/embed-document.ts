import { documentIndexed } from "@lyceum/gen/events/lyceum/rag/v1/document_indexed.ts";
import type { Job, JobKind } from "@lyceum/service";
import { writeVectors } from "@lyceum/text";
import type { Context } from "../context.ts";
import { EmbedderUnavailableError } from "../embedder/embedder.ts";
import { changeEntry, findEntry, lockEntry, putVectors } from "../index-store.ts";
import { embedPassages } from "./embed-passages.ts";
import { failIndex } from "./index-document.ts";
import { embedKind, type IndexPayload } from "./index-payload.ts";
import { readText } from "./read-passages.ts";

/**
 * Adds a document's vectors in batches; begun anew after a crash, it goes on where it was. A job of its own, so that long
 * documents never keep others from being searchable.
 */
export const createEmbedJob = (ctx: Context): JobKind<IndexPayload> => ({
  kind: embedKind,
  concurrency: 2,
  maxAttempts: 5,
  run: (job) => embedDocument(ctx, job),
  onDead: (payload, error, tx) =>
    failIndex(ctx, tx, payload, error instanceof EmbedderUnavailableError ? "EMBEDDER_UNAVAILABLE" : "INDEX_FAILED"),
});

async function embedDocument(ctx: Context, { payload, signal, complete }: Job<IndexPayload>): Promise<void> {
  const { fileId, revision } = payload;
  const entry = await findEntry(ctx.database.db, fileId);
  if (!entry || entry.trashed || entry.revision !== revision) return;
  const text = await readText(ctx, entry, signal);
  if (!text) return;
  await ctx.vectors.forget(fileId, revision, signal);
  const vectors = await embedPassages(ctx, entry, text.passages, signal);
  await complete(async (tx) => {
    const locked = await lockEntry(tx, fileId);
    if (locked?.revision !== revision || locked.trashed) return;
    if (vectors) {
      const blob = writeVectors(vectors, vectors[0]?.length ?? 0);
      await putVectors(tx, fileId, ctx.embedder.model, revision, blob);
    }
    const version = await changeEntry(tx, fileId, { state: "INDEXED" });
    await ctx.events.append(tx, documentIndexed({ fileId, revision, version }));
  });
}
