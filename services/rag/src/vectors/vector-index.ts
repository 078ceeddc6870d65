import type { ScopeFile } from "../scope-store.ts";

/** A revision of a file whose passages have vectors. */
export type VectorFile = { readonly fileId: string; readonly ownerId: string; readonly revision: number };

/** A passage near a query, and the cosine of their vectors. */
export type NearPassage = {
  readonly fileId: string;
  readonly revision: number;
  readonly passage: number;
  readonly cosine: number;
};

/** What to compare with what. */
export type VectorQuery = {
  readonly vector: Float32Array;
  /** No passage of any other file, nor of another revision, is given. */
  readonly scope: readonly ScopeFile[];
  /** Whose files with vectors are all in the scope but these; given where that is the shorter way to say it. */
  readonly library?: Library | undefined;
  readonly limit: number;
};

/** All files of an owner that have vectors, but those named. */
export type Library = { readonly ownerId: string; readonly without: readonly string[] };

/** How much of what belongs into an index is in it: all, or some or none while it is filled for the first time or anew. */
export type Fullness = "whole" | "partial" | "empty";

/**
 * Finds the passages whose vectors, by one embedding model, are nearest to a query's. The vectors themselves stay beside the
 * segments in the database, so that an engine which has lost them is filled again without embedding anything.
 *
 * Every call rejects with its signal's reason, and with `unavailable VECTORS_UNAVAILABLE` once an engine elsewhere does not answer in time.
 */
export interface VectorIndex extends AsyncDisposable {
  /** True if it keeps vectors elsewhere: what goes from the database has to be forgotten there too. */
  readonly isApart: boolean;
  readFullness(signal: AbortSignal): Promise<Fullness>;
  /**
   * Adds the vectors of a revision's passages, the first of them that of passage `first`; durably, and found once it returns.
   * Doing so again changes nothing. Throws VectorMismatchError for vectors that have other dimensions than those before them.
   */
  put(file: VectorFile, first: number, vectors: readonly ArrayLike<number>[], signal: AbortSignal): Promise<void>;
  /** Whether the vectors of the revision are in it, `count` of them. */
  holds(file: Pick<VectorFile, "fileId" | "revision">, count: number, signal: AbortSignal): Promise<boolean>;
  /**
   * The nearest passages of the scope, the best first; of vectors with other dimensions than the query's, none. Undefined where
   * the search worker compares the vectors itself, in one pass with the words.
   */
  find(query: VectorQuery, signal: AbortSignal): Promise<NearPassage[] | undefined>;
  /** Forgets a file's vectors by any model: all, or those of revisions before the one given. What is not there is no error. */
  forget(fileId: string, before: number | undefined, signal: AbortSignal): Promise<void>;
  /** Has `find` look into what was put in so far: all there is, from now on. */
  switchTo(signal: AbortSignal): Promise<void>;
  /** Forgets all that is there by another model. */
  dropModel(model: string, signal: AbortSignal): Promise<void>;
}

/** The vectors have other dimensions than those the model gave before. */
export class VectorMismatchError extends Error {
  override readonly name = "VectorMismatchError";
  constructor(model: string, given: number, expected: number) {
    super(`The embedder gives ${given} dimensions under the name ${model}, and gave ${expected} before: name it anew.`);
  }
}
