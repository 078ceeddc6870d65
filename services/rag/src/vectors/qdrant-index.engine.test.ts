import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { tempFolder } from "@lyceum/testing";
import { type QdrantEngine, startQdrantReference } from "@lyceum/testing/engines/qdrant.ts";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openQdrantIndex } from "./qdrant-index.ts";
import { testVectorIndex } from "./test-vector-index.ts";
import type { VectorIndex } from "./vector-index.ts";

const never = new AbortController().signal;
const engines = inject("engines");
const isReal = process.env.QDRANT_URL !== undefined;
const namespace = `test-${randomUUID().slice(0, 8)}.`;

if (engines.RAG_QDRANT_URL) {
  const options = { url: engines.RAG_QDRANT_URL, apiKey: engines.RAG_QDRANT_API_KEY, namespace };
  // The real one is given enough for its approximate index; only there recall tells anything.
  testVectorIndex(isReal ? "Qdrant" : "the reference of Qdrant (exact: recall and speed do not count)", {
    open: (model) => openQdrantIndex(options, { model, onLost: () => {} }),
    dimensions: isReal ? 256 : 64,
    passagesPerFile: isReal ? 2_000 : 20,
  });
}

describe.skipIf(!engines.RAG_QDRANT_URL || isReal)("the Qdrant index, where Qdrant fails", () => {
  let folder: string;
  let engine: QdrantEngine;
  let lost = 0;
  const port = () => Number(new URL(engine.url).port);
  const open = (model = "m", apiKey: string | undefined = "key") => {
    const onLost = () => {
      lost += 1;
    };
    return openQdrantIndex({ url: engine.url, apiKey, namespace: "" }, { model, onLost });
  };
  const file = { fileId: "f", ownerId: "ada", revision: 1 };
  const scope = [{ ...file, build: 1, sizeBytes: 1, vectorBytes: 100 }];
  const vector = Float32Array.of(1, 0, 0, 0);
  const find = (index: VectorIndex) => index.find({ vector, scope, limit: 10 }, never);
  const unavailable = { code: Code.Unavailable, rawMessage: expect.stringContaining("Vectors") };

  beforeAll(async () => {
    folder = join(await tempFolder(), "qdrant");
    engine = await startQdrantReference(folder, undefined, "key");
  });
  afterAll(() => engine?.[Symbol.asyncDispose]());

  test("a wrong key ends the start in a sentence", async () => {
    const refused = /^Qdrant refuses RAG_QDRANT_API_KEY/;
    await expect(open("m", "wrong")).rejects.toThrow(refused);
    await expect(open("m", "")).rejects.toThrow(refused);
  });

  test("an index is empty, then partial, and whole once it is switched to", async () => {
    const index = await open("grown");
    expect(await index.readFullness(never)).toBe("empty");
    await index.put(file, 0, [vector], never);
    expect(await index.readFullness(never)).toBe("partial");
    await index.switchTo(never);
    expect(await index.readFullness(never)).toBe("whole");
    // As another process of the same model sees it.
    expect(await (await open("grown")).readFullness(never)).toBe("whole");
    expect(await find(index)).toMatchObject([{ fileId: "f", passage: 0 }]);
    await index.dropModel("grown", never);
    expect(await index.readFullness(never)).toBe("empty");
  });

  test("vectors of other dimensions are refused by name", async () => {
    const index = await open("sized");
    await index.put(file, 0, [vector], never);
    await expect(index.put(file, 1, [Float32Array.of(1, 0)], never)).rejects.toThrow(
      "The embedder gives 2 dimensions under the name sized, and gave 4 before: name it anew.",
    );
  });

  test("an index that is gone says so to whoever fills it again", async () => {
    const index = await open();
    await index.switchTo(never);
    await index.put(file, 0, [vector], never);
    await (await open()).dropModel("m", never);
    const before = lost;
    await expect(find(index)).rejects.toMatchObject(unavailable);
    expect(lost).toBe(before + 1);
    await index.put(file, 0, [vector], never);
    expect(await index.readFullness(never)).toBe("partial");
    await index.switchTo(never);
    expect(await find(index)).toHaveLength(1);
  });

  test("one that does not answer is unavailable in time, is not waited for again at once, and keeps what it had", async () => {
    const index = await open();
    engine.process.kill("SIGSTOP");
    await expect(find(index)).rejects.toMatchObject({ ...unavailable, cause: { name: "TimeoutError" } });
    await expect(find(index)).rejects.toMatchObject({ cause: { message: "Qdrant was silent a moment ago." } });
    engine.process.kill("SIGCONT");
    const reason = new Error("gone");
    const leaving = new AbortController();
    const held = index.holds(file, 1, leaving.signal);
    leaving.abort(reason);
    await expect(held).rejects.toBe(reason);
    await engine.kill();
    await expect(index.put(file, 1, [vector], never)).rejects.toMatchObject(unavailable);
    engine = await startQdrantReference(folder, port(), "key");
    await index.put(file, 1, [vector], never);
    expect(await index.holds(file, 2, never)).toBe(true);
  });
});
