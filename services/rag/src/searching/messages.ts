import type { NearPassage } from "../vectors/vector-index.ts";

/** A file of the scope, as the database lists it. */
export type WantedFile = {
  readonly fileId: string;
  readonly revision: number;
  /** Which writing of that revision. */
  readonly build: number;
  /** 0 without vectors; grows while a file is embedded. */
  readonly vectorBytes: number;
};

/** What the search worker is asked. */
export type SearchRequest =
  | {
      readonly kind: "search";
      readonly id: number;
      readonly query: string;
      /** The query's vector, to be compared with those of the files; without one, nor what is near already, only words count. */
      readonly vector: Float32Array | undefined;
      /** What has been found near the query elsewhere. */
      readonly near?: readonly NearPassage[] | undefined;
      readonly weight: number;
      readonly nearness: number;
      readonly limit: number;
      readonly scope: readonly WantedFile[];
    }
  /** Segments that a search missed; with `last` the search goes on without what has not come. */
  | { readonly kind: "load"; readonly id: number; readonly blobs: readonly Blob[]; readonly last: boolean }
  | { readonly kind: "drop"; readonly fileIds: readonly string[] };

export type Blob = {
  readonly fileId: string;
  readonly revision: number;
  readonly kind: "segments" | "vectors";
  readonly bytes: Uint8Array;
};

/** What the search worker answers. */
export type SearchResponse =
  | { readonly kind: "missing"; readonly id: number; readonly segments: string[]; readonly vectors: string[] }
  | { readonly kind: "found"; readonly id: number; readonly result: SearchResult }
  | { readonly kind: "failed"; readonly id: number; readonly error: string };

/** The passages that match best. */
export type SearchResult = {
  readonly hits: readonly FoundHit[];
  /** The query without words that say nothing. */
  readonly content: string;
  /** How much each term of the content tells in this scope. */
  readonly weights: readonly number[];
  /** Files whose blobs were damaged and took no part. */
  readonly damaged: readonly string[];
  /** Segments that were looked into. */
  readonly segmentCount: number;
  /** Time spent scoring, in the worker. */
  readonly scoringMs: number;
};

export type FoundHit = {
  readonly fileId: string;
  readonly revision: number;
  readonly passage: number;
  readonly score: number;
  /** Of the passage's vector and the query's, where both were there. */
  readonly cosine: number | undefined;
  /** The language the file was indexed in. */
  readonly language: string;
  /** How much of the file each term of the content stands for. */
  readonly standings: readonly number[];
};
