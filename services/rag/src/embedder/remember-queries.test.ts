import { expect, test } from "vitest";
import type { Embedder } from "./embedder.ts";
import { rememberQueries } from "./remember-queries.ts";

const { signal } = new AbortController();

function countingEmbedder(): Embedder & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    model: "counting",
    weight: 0.5,
    nearness: 0,
    canRead: () => true,
    async embed(texts) {
      asked.push(...texts);
      return texts.map((text) => Float32Array.of(text.length));
    },
    async [Symbol.asyncDispose]() {},
  };
}

test("a query is embedded once, bulk each time", async () => {
  const counting = countingEmbedder();
  const embedder = rememberQueries(counting);
  expect(await embedder.embed(["a", "bb", "a"], "query", signal)).toEqual(
    [1, 2, 1].map((size) => Float32Array.of(size)),
  );
  await embedder.embed(["bb", "ccc"], "query", signal);
  await embedder.embed(["a"], "bulk", signal);
  expect(counting.asked).toEqual(["a", "bb", "ccc", "a"]);
});

test("what was not asked for longest is forgotten first", async () => {
  const counting = countingEmbedder();
  const embedder = rememberQueries(counting, 2);
  for (const text of ["a", "b", "a", "c", "a", "b"]) await embedder.embed([text], "query", signal);
  expect(counting.asked).toEqual(["a", "b", "c", "b"]);
});

test("more texts at once than are kept still all get their vector", async () => {
  const embedder = rememberQueries(countingEmbedder(), 2);
  expect(await embedder.embed(["a", "bb", "ccc"], "query", signal)).toHaveLength(3);
});
