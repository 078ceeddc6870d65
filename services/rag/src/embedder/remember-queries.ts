import type { Embedder } from "./embedder.ts";

/** The same embedder that keeps the last `limit` vectors of queries: questions come again, and follow-ups find the same sentences. */
export function rememberQueries(embedder: Embedder, limit = 4_000): Embedder {
  const remembered = new Map<string, Float32Array>();
  const remember = (text: string, vector: Float32Array) => {
    remembered.delete(text);
    remembered.set(text, vector);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= limit) return;
      remembered.delete(oldest);
    }
  };
  return {
    ...embedder,
    async embed(texts, purpose, signal) {
      if (purpose === "bulk") return embedder.embed(texts, purpose, signal);
      signal.throwIfAborted();
      const missing = [...new Set(texts)].filter((text) => !remembered.has(text));
      const known = new Map(texts.map((text) => [text, remembered.get(text)]));
      const fresh = await embedder.embed(missing, purpose, signal);
      for (const [at, text] of missing.entries()) known.set(text, fresh[at]);
      return texts.map((text) => {
        const vector = known.get(text) as Float32Array;
        remember(text, vector);
        return vector;
      });
    },
    [Symbol.asyncDispose]: () => embedder[Symbol.asyncDispose](),
  };
}
