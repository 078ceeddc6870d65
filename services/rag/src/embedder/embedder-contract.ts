import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Embedder } from "./embedder.ts";

/** The contract every embedder passes. */
export function testEmbedder(name: string, open: () => Promise<Embedder>): void {
  describe(`embedder ${name}`, () => {
    let embedder: Embedder;
    const never = new AbortController().signal;
    beforeAll(async () => {
      embedder = await open();
    });
    afterAll(() => embedder[Symbol.asyncDispose]());

    test("gives one unit vector of one length per text, in order", async () => {
      const texts = ["The sea rises twice a day.", "A violin has four strings.", ""];
      const vectors = await embedder.embed(texts, "bulk", never);
      expect(vectors).toHaveLength(texts.length);
      expect(new Set(vectors.map((vector) => vector.length)).size).toBe(1);
      for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 2);
      const [alone] = await embedder.embed(["A violin has four strings."], "query", never);
      expect(dot(alone, vectors[1])).toBeGreaterThan(0.99);
    });

    test("puts texts of like meaning nearer than others", async () => {
      const [question, near, far] = await embedder.embed(
        ["How old is the king?", "The age of the monarch is sixty.", "Fold the egg whites into the batter."],
        "bulk",
        never,
      );
      expect(dot(question, near)).toBeGreaterThan(dot(question, far));
    });

    test("embeds nothing to nothing", async () => {
      expect(await embedder.embed([], "query", never)).toEqual([]);
    });

    test("rejects with the signal's reason when it aborts", async () => {
      const reason = new Error("gone");
      await expect(embedder.embed(["text"], "bulk", AbortSignal.abort(reason))).rejects.toBe(reason);
      const aborting = new AbortController();
      const pending = embedder.embed(
        Array.from({ length: 64 }, (_, index) => `text ${index}`),
        "bulk",
        aborting.signal,
      );
      aborting.abort(reason);
      await expect(pending).rejects.toBe(reason);
    });

    test("lets a query pass the bulk that waits", async () => {
      const ended: string[] = [];
      const bulk = embedder.embed(
        Array.from({ length: 48 }, (_, index) => `Passage ${index} of many.`),
        "bulk",
        never,
      );
      const query = embedder.embed(["Which passage?"], "query", never);
      await Promise.all([bulk.then(() => ended.push("bulk")), query.then(() => ended.push("query"))]);
      expect(ended).toEqual(["query", "bulk"]);
    });
  });
}

function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
  return (a ?? new Float32Array()).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);
}
