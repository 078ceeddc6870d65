import { DamagedSegmentError, openVectors, writeVectors } from "@lyceum/text";
import type { Context } from "../context.ts";
import { type EntryRow, findVectors, lockEntry, putVectors } from "../index-store.ts";
import { forgetUnwanted } from "./forget-vectors.ts";
import type { IndexedPassage } from "./read-passages.ts";

const batchSize = 16;
/** Passages between two commits of what there is: a crash costs half a minute's work. */
const commitEvery = 256;

/**
 * The vector of every passage in order, all of them in the vector index; undefined if the model cannot read the document's
 * language, or the revision is not wanted any more. What has been embedded is stored on the way and taken up again, and the same
 * text is embedded once.
 */
export async function embedPassages(
  ctx: Context,
  { fileId, ownerId, revision }: EntryRow,
  passages: readonly IndexedPassage[],
  signal: AbortSignal,
): Promise<ArrayLike<number>[] | undefined> {
  const { embedder, database } = ctx;
  if (!embedder.canRead(sampleOf(passages))) return undefined;
  const vectors = await readStored(ctx, fileId, revision);
  const known = new Map(vectors.map((vector, at) => [passages[at]?.text, vector]));
  let indexed = 0;
  const index = async () => {
    await ctx.vectors.put({ fileId, ownerId, revision }, indexed, vectors.slice(indexed), signal);
    indexed = vectors.length;
  };
  while (vectors.length < passages.length) {
    signal.throwIfAborted();
    const texts = passages.slice(vectors.length, vectors.length + batchSize).map(({ text }) => text);
    const fresh = [...new Set(texts)].filter((text) => !known.has(text));
    for (const [at, vector] of (await embedder.embed(fresh, "bulk", signal)).entries()) known.set(fresh[at], vector);
    for (const text of texts) vectors.push(known.get(text) ?? []);
    if (vectors.length % commitEvery < batchSize && vectors.length < passages.length) {
      await index();
      const blob = writeVectors(vectors, vectors[0]?.length ?? 0);
      const entry = await database.transaction(async (tx) => {
        const locked = await lockEntry(tx, fileId);
        if (isWanted(locked, revision)) await putVectors(tx, fileId, embedder.model, revision, blob);
        return locked;
      });
      if (!isWanted(entry, revision)) {
        await forgetUnwanted(ctx, fileId, entry, signal);
        return undefined;
      }
    }
  }
  await index();
  return vectors;
}

/** Whether an entry is still to have the vectors of this revision. */
export function isWanted(entry: EntryRow | undefined, revision: number): boolean {
  return entry?.revision === revision && !entry.trashed;
}

/** The beginning of the document and some of its middle. */
function sampleOf(passages: readonly IndexedPassage[]): string {
  const middle = passages.length >> 1;
  return [...passages.slice(0, 4), ...passages.slice(middle, middle + 4)].map(({ text }) => text).join("\n");
}

async function readStored(
  { database, embedder }: Context,
  fileId: string,
  revision: number,
): Promise<ArrayLike<number>[]> {
  const blob = await findVectors(database.db, fileId, embedder.model, revision);
  if (!blob) return [];
  try {
    const { count, dimensions, values, scales } = openVectors(blob);
    return Array.from({ length: count }, (_, row) =>
      Float32Array.from(
        values.subarray(row * dimensions, (row + 1) * dimensions),
        (value) => value * (scales[row] as number),
      ),
    );
  } catch (error) {
    if (error instanceof DamagedSegmentError) return [];
    throw error;
  }
}
