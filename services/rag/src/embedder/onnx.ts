import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { StartError } from "@lyceum/service";
import type { Embedder } from "./embedder.ts";
import { readTokenizer } from "./onnx-tokenizer.ts";
import { openWorkerEmbedder } from "./worker-embedder.ts";

/** As long as a first text may take, the model's own loading included. */
const loadTimeoutMs = 120_000;

/**
 * A sentence-transformer in a folder: `model.onnx`, `tokenizer.json` and, where there are any, `tokenizer_config.json`,
 * `sentence_bert_config.json` (the longest input) and `1_Pooling/config.json` (mean of the tokens unless it says the first).
 * Needs the npm package `onnxruntime-node`, installed in Lyceum or in that folder. Throws a StartError where it cannot load.
 */
export async function openOnnxEmbedder(folder: string): Promise<Embedder> {
  const tokenizer = await readTokenizer(folder).catch((error) => giveUp(folder, error));
  const hash = await hashFile(join(folder, "model.onnx")).catch((error) => giveUp(folder, error));
  const worker = openWorkerEmbedder({
    program: new URL("./onnx-worker.ts", import.meta.url),
    data: { folder },
    maxCharacters: tokenizer.maxTokens * 20,
  });
  const embedder: Embedder = {
    model: `onnx ${basename(folder)} ${hash.slice(0, 16)}`,
    // Chosen with all-MiniLM-L6-v2.
    weight: 0.65,
    nearness: 0.2,
    canRead: tokenizer.canRead,
    ...worker,
  };
  try {
    await embedder.embed(["Lyceum"], "query", AbortSignal.timeout(loadTimeoutMs));
  } catch (error) {
    await embedder[Symbol.asyncDispose]();
    giveUp(folder, error);
  }
  return embedder;
}

function giveUp(folder: string, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new StartError(`RAG_EMBEDDER_PATH: the model in ${folder} cannot be loaded: ${reason}`, { cause: error });
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
