import { parentPort, workerData } from "node:worker_threads";
import { openOnnxModel } from "./onnx-model.ts";
import type { EmbedRequest, EmbedResponse } from "./worker-embedder.ts";

const model = openOnnxModel(workerData.folder);
model.catch(() => {});

parentPort?.on("message", async ({ id, text }: EmbedRequest) => {
  try {
    const vector = await (await model)(text);
    parentPort?.postMessage({ id, vector } satisfies EmbedResponse);
  } catch (error) {
    parentPort?.postMessage({
      id,
      error: error instanceof Error ? error.message : String(error),
    } satisfies EmbedResponse);
  }
});
