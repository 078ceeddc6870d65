import type { VectorIndex } from "./vector-index.ts";

/** The rows of vectors in the database are the index: the search worker scans those of the scope, exactly. */
export function openEmbeddedIndex(): VectorIndex {
  return {
    isApart: false,
    readFullness: async (signal) => {
      signal.throwIfAborted();
      return "whole";
    },
    put: async (_file, _first, _vectors, signal) => signal.throwIfAborted(),
    holds: async (_file, _count, signal) => {
      signal.throwIfAborted();
      return true;
    },
    find: async (_query, signal) => {
      signal.throwIfAborted();
      return undefined;
    },
    forget: async (_fileId, _before, signal) => signal.throwIfAborted(),
    switchTo: async (signal) => signal.throwIfAborted(),
    dropModel: async (_model, signal) => signal.throwIfAborted(),
    async [Symbol.asyncDispose]() {},
  };
}
