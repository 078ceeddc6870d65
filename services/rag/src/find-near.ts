import type { Context } from "./context.ts";
import type { Search } from "./searching/searcher.ts";
import type { VectorQuery } from "./vectors/vector-index.ts";

/**
 * How a search is to take vectors into account: what the index has found near, or the query's vector, for the searcher to compare.
 * An index that does not answer leaves words alone to find, as an embedder does.
 */
export async function findNear(
  { vectors, log }: Pick<Context, "vectors" | "log">,
  query: Omit<VectorQuery, "vector"> & { readonly vector: Float32Array | undefined },
  signal: AbortSignal,
): Promise<Pick<Search, "vector" | "near">> {
  const { vector } = query;
  if (!vector) return { vector };
  try {
    const near = await vectors.find({ ...query, vector }, signal);
    return near ? { vector: undefined, near } : { vector };
  } catch (error) {
    if (signal.aborted) throw error;
    log.warn({ err: error }, "A query is searched by its words only: vectors cannot be compared.");
    return { vector: undefined };
  }
}
