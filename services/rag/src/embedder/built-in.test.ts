import { expect, test } from "vitest";
import { createBuiltInEmbedder } from "./built-in.ts";
import { testEmbedder } from "./embedder-contract.ts";

testEmbedder("built-in", async () => createBuiltInEmbedder());

test("a worker that ended for idleness is started again by the next text", async () => {
  await using embedder = createBuiltInEmbedder({ idleMs: 20 });
  const { signal } = new AbortController();
  const [before] = await embedder.embed(["The sea rises."], "query", signal);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [after] = await embedder.embed(["The sea rises."], "query", signal);
  expect(after).toEqual(before);
});
