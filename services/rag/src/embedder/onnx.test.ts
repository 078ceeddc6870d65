import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tempFolder } from "@lyceum/testing";
import { describe, expect, test } from "vitest";
import { testEmbedder } from "./embedder-contract.ts";
import { openOnnxEmbedder } from "./onnx.ts";
import { readTokenizer } from "./onnx-tokenizer.ts";
import { writeTinyModel } from "./tiny-model.testing.ts";

const words =
  "the a is are of twice day sea rises violin has four strings how old king age monarch sixty . ? passage which many fold egg whites into batter".split(
    " ",
  );
const isInstalled = () => {
  try {
    return Boolean(createRequire(import.meta.url).resolve("onnxruntime-node"));
  } catch {
    return false;
  }
};

async function tinyFolder(): Promise<string> {
  const folder = await tempFolder();
  await writeTinyModel(folder, words);
  return folder;
}

// 110 MB that not everybody installs: `ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save onnxruntime-node`, as CI does.
describe.skipIf(!isInstalled())("with onnxruntime-node", () => {
  testEmbedder("onnx", async () => openOnnxEmbedder(await tinyFolder()));

  test("another model has another name", async () => {
    const folder = await tinyFolder();
    await using first = await openOnnxEmbedder(folder);
    await writeTinyModel(folder, [...words, "more"]);
    await using second = await openOnnxEmbedder(folder);
    expect(second.model).not.toBe(first.model);
  });

  test("takes the first token's vector where the model says so", async () => {
    const folder = await tinyFolder();
    await using mean = await openOnnxEmbedder(folder);
    await mkdir(join(folder, "1_Pooling"));
    await writeFile(join(folder, "1_Pooling/config.json"), JSON.stringify({ pooling_mode_cls_token: true }));
    await using first = await openOnnxEmbedder(folder);
    const embed = async (embedder: typeof mean, text: string) =>
      (await embedder.embed([text], "query", new AbortController().signal))[0];
    // The first token is the same for every text.
    expect(await embed(first, "violin")).toEqual(await embed(first, "king"));
    expect(await embed(mean, "violin")).not.toEqual(await embed(mean, "king"));
  });

  test("a damaged model ends the start", async () => {
    const folder = await tinyFolder();
    await writeFile(join(folder, "model.onnx"), "no model");
    await expect(openOnnxEmbedder(folder)).rejects.toThrow(/^RAG_EMBEDDER_PATH: the model in .* cannot be loaded: /);
  });
});

test("a folder without a model ends the start", async () => {
  await expect(openOnnxEmbedder(await tempFolder())).rejects.toThrow(/cannot be loaded: ENOENT.*tokenizer\.json/);
});

test("a long text keeps its beginning and the token that ends it", async () => {
  const folder = await tinyFolder();
  await writeFile(join(folder, "sentence_bert_config.json"), JSON.stringify({ max_seq_length: 5 }));
  const { encode, maxTokens } = await readTokenizer(folder);
  expect(maxTokens).toBe(5);
  const short = encode("the sea rises");
  expect(encode("the sea rises twice a day")).toEqual(short);
});

test("a vocabulary tells which languages its model reads", async () => {
  const { canRead } = await readTokenizer(await tinyFolder());
  expect(canRead("The monarch has four violin strings.")).toBe(true);
  expect(canRead("潮汐每天涨落两次。")).toBe(false);
  expect(canRead("Wie alt ist der König?")).toBe(false);
  expect(canRead("12 + 3")).toBe(false);
});
