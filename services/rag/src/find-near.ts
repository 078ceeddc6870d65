import type { Db } from "@lyceum/database";
import type { Context } from "./context.ts";
import { listFilesWithVectors, type ScopeFile } from "./scope-store.ts";
import type { Search } from "./searching/searcher.ts";
import type { Library, VectorQuery } from "./vectors/vector-index.ts";

/** What a reader looks for; without a vector nothing is near. */
type NearQuery = Omit<VectorQuery, "vector" | "library"> & {
  readonly readerId: string;
  readonly vector: Float32Array | undefined;
};

/**
 * How a search is to take vectors into account: what the index has found near, or the query's vector, for the searcher to compare.
 * An index that does not answer leaves words alone to find, as an embedder does.
 */
export async function findNear(
  { vectors, log, database }: Pick<Context, "vectors" | "log" | "database">,
  { readerId, ...query }: NearQuery,
  signal: AbortSignal,
): Promise<Pick<Search, "vector" | "near">> {
  const { vector } = query;
  if (!vector) return { vector };
  try {
    const library = vectors.isApart ? await findLibrary(database.db, readerId, query.scope) : undefined;
    const near = await vectors.find({ ...query, library, vector }, signal);
    return near ? { vector: undefined, near } : { vector };
  } catch (error) {
    if (signal.aborted) throw error;
    log.warn({ err: error }, "A query is searched by its words only: vectors cannot be compared.");
    return { vector: undefined };
  }
}

/** Up to so many files of one's own it costs less to name each than to find out which are missing. */
const namedFiles = 500;

/** The reader's own files, where it is shorter to say which of them the scope lacks. Of nobody else's would that be safe to say. */
async function findLibrary(db: Db, ownerId: string, scope: readonly ScopeFile[]): Promise<Library | undefined> {
  const own = new Set(scope.flatMap((file) => (file.ownerId === ownerId ? [file.fileId] : [])));
  if (own.size <= namedFiles) return undefined;
  const without = (await listFilesWithVectors(db, ownerId)).filter((fileId) => !own.has(fileId));
  return without.length < own.size ? { ownerId, without } : undefined;
}
