import { expect, test } from "vitest";
import { openBuiltInEmbedder } from "./built-in.ts";
import { EmbedderUnavailableError } from "./embedder.ts";
import { testEmbedder } from "./embedder-contract.ts";
import { openWorkerEmbedder } from "./worker-embedder.ts";

testEmbedder("built-in", async () => openBuiltInEmbedder());

test("a worker that ended for idleness is started again by the next text", async () => {
  const program = new URL("./built-in-worker.ts", import.meta.url);
  await using embedder = openWorkerEmbedder({ program, maxCharacters: 100, idleMs: 20 });
  const { signal } = new AbortController();
  const [before] = await embedder.embed(["The sea rises."], "query", signal);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [after] = await embedder.embed(["The sea rises."], "query", signal);
  expect(after).toEqual(before);
});

test("a worker that breaks off fails what it worked on, not what comes after", async () => {
  const program = new URL("./broken-worker.testing.ts", import.meta.url);
  await using embedder = openWorkerEmbedder({ program, maxCharacters: 100 });
  const { signal } = new AbortController();
  await expect(embedder.embed(["text"], "query", signal)).rejects.toThrow(EmbedderUnavailableError);
  await expect(embedder.embed(["text"], "query", signal)).rejects.toThrow(EmbedderUnavailableError);
});

test("reads English only", async () => {
  await using embedder = openBuiltInEmbedder();
  expect(embedder.canRead("The tide rises twice a day in most of the world.")).toBe(true);
  expect(embedder.canRead("Die Flut steigt in den meisten Gegenden der Welt zweimal am Tag und ist dann hoch.")).toBe(
    false,
  );
  expect(embedder.canRead("潮汐每天涨落两次。 OK")).toBe(false);
  expect(embedder.canRead("12 + 3")).toBe(false);
});
