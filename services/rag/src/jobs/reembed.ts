import { Code } from "@connectrpc/connect";
import { fail, type Job, type JobKind } from "@lyceum/service";
import { writeVectors } from "@lyceum/text";
import type { Context } from "../context.ts";
import { EmbedderUnavailableError } from "../embedder/embedder.ts";
import { type EntryRow, lockEntry, putVectors } from "../index-store.ts";
import { adoptModel, countIndexed, listIndexed, listModels, readCursor, saveCursor, switchTo } from "../model-store.ts";
import { embedPassages, isWanted } from "./embed-passages.ts";
import { forgetUnwanted } from "./forget-vectors.ts";
import { readText } from "./read-passages.ts";

// Only a process with that embedder can do it.
const kindOf = (model: string) => `re-embed ${model}`;
const pageSize = 100;
const tellEveryMs = 30_000;
const requestTimeoutMs = 15_000;

/**
 * Has all documents embedded by this process's model if they are by another, and put into the vector index if that does not hold
 * them. Until then words alone find.
 */
export async function requestReembedding({ database, jobs, vectors, embedder: { model } }: Context): Promise<void> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const index = await vectors.readFullness(signal);
  const isServing = await database.transaction(async (tx) => {
    if (await adoptModel(tx, model, index)) return true;
    await jobs.enqueue(tx, { kind: kindOf(model), key: model, payload: {}, lane: "" });
    return false;
  });
  if (isServing) await vectors.switchTo(signal);
}

/** Fills the vector index anew that has lost what it held, unless another model has taken the place of this process's. */
export async function requestRefilling(ctx: Context): Promise<void> {
  if ((await listModels(ctx.database.db)).includes(ctx.embedder.model)) await requestReembedding(ctx);
}

/**
 * Embeds, beside the vectors there are, every document that another model has embedded, then lets the new ones take their place.
 * What is embedded already is only put into the vector index.
 */
export const createReembedJob = (ctx: Context): JobKind<unknown> => ({
  kind: kindOf(ctx.embedder.model),
  concurrency: 1,
  maxAttempts: 5,
  run: (job) => reembedAll(ctx, job),
});

async function reembedAll(ctx: Context, { signal, complete }: Job<unknown>): Promise<void> {
  const { database, embedder, vectors, log } = ctx;
  const { model } = embedder;
  // An index that was lost while it was being filled begins anew.
  let cursor = (await vectors.readFullness(signal)) === "empty" ? "" : await readCursor(database.db, model);
  const total = await countIndexed(database.db, cursor);
  let done = 0;
  const tell = () =>
    log.info({ model, done, total }, "Documents are embedded by another model, or put into its index again.");
  tell();
  const telling = setInterval(tell, tellEveryMs).unref();
  try {
    for (;;) {
      const page = await listIndexed(database.db, cursor, pageSize);
      if (page.length === 0) break;
      for (const entry of page) {
        await reembed(ctx, entry, signal);
        cursor = entry.fileId;
        done += 1;
        await saveCursor(database.db, model, cursor);
      }
    }
  } finally {
    clearInterval(telling);
  }
  const former = (await listModels(database.db)).filter((name) => name !== model);
  await vectors.switchTo(signal);
  await complete((tx) => switchTo(tx, model));
  for (const name of former) await vectors.dropModel(name, signal);
  tell();
}

async function reembed(ctx: Context, entry: EntryRow, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { fileId, revision } = entry;
  const text = await readText(ctx, entry, signal);
  const vectors = text && (await embedPassages(ctx, entry, text.passages, signal).catch(rethrow));
  if (!vectors) return;
  const blob = writeVectors(vectors, vectors[0]?.length ?? 0);
  const left = await ctx.database.transaction(async (tx) => {
    const locked = await lockEntry(tx, fileId);
    if (isWanted(locked, revision)) await putVectors(tx, fileId, ctx.embedder.model, revision, blob);
    return locked;
  });
  if (!isWanted(left, revision)) await forgetUnwanted(ctx, fileId, left, signal);
}

/** An embedder that is away is waited for, however long. */
function rethrow(error: unknown): never {
  if (!(error instanceof EmbedderUnavailableError)) throw error;
  throw Object.assign(fail(Code.Unavailable, "EMBEDDER_UNAVAILABLE", "The embedder does not answer now."), {
    cause: error,
  });
}
