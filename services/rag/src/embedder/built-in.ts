import { Worker } from "node:worker_threads";
import { detectLanguage } from "@lyceum/text";
import type { EmbedRequest, EmbedResponse } from "./built-in-worker.ts";
import { type Embedder, EmbedderUnavailableError } from "./embedder.ts";

/** How the built-in embedder behaves. */
export type BuiltInOptions = {
  /** How long the model stays in memory unused; 60 s by default. */
  readonly idleMs?: number;
  /** The worker's program. */
  readonly program?: URL;
};

type Task = {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: Error) => void;
};

const maxCharacters = 2_000;

/**
 * The Universal Sentence Encoder Lite of `@energetic-ai`, for English, with no network: 11 to 20 passages per second of one
 * core. Its worker starts with the first text and ends when idle, since the model takes 200 MB.
 */
export function openBuiltInEmbedder({ idleMs = 60_000, program }: BuiltInOptions = {}): Embedder {
  const queues = { query: [] as Task[], bulk: [] as Task[] };
  let worker: Worker | undefined;
  let current: Task | undefined;
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): Worker => {
    const started = new Worker(program ?? new URL("./built-in-worker.ts", import.meta.url), {
      // Nothing of the model concerns the console: TensorFlow prints advice there.
      stdout: true,
      stderr: true,
    });
    started.unref();
    started.on("message", (response: EmbedResponse) => settle(started, response));
    started.on("error", (error: Error) => lose(started, error));
    started.on("exit", () => lose(started, new Error("its worker ended")));
    return started;
  };
  const settle = (from: Worker, { id, vector, error }: EmbedResponse) => {
    if (from !== worker || id !== count) return;
    const task = current;
    current = undefined;
    if (vector) task?.resolve(vector);
    else task?.reject(new EmbedderUnavailableError(`The embedder failed: ${error}`));
    next();
  };
  const lose = (from: Worker, error: Error) => {
    if (from !== worker) return;
    worker = undefined;
    const task = current;
    current = undefined;
    task?.reject(new EmbedderUnavailableError(`The embedder broke off: ${error.message}`));
    next();
  };
  const next = () => {
    if (current || closed) return;
    clearTimeout(idle);
    current = queues.query.shift() ?? queues.bulk.shift();
    if (!current) {
      idle = setTimeout(unload, idleMs).unref();
      return;
    }
    count += 1;
    worker ??= start();
    worker.postMessage({ id: count, text: current.text.slice(0, maxCharacters) } satisfies EmbedRequest);
  };
  const unload = async () => {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };
  const embedOne = (text: string, purpose: "query" | "bulk", signal: AbortSignal) =>
    new Promise<Float32Array>((resolve, reject) => {
      if (closed) return reject(new EmbedderUnavailableError("The embedder is closed."));
      if (signal.aborted) return reject(signal.reason);
      const queue = queues[purpose];
      const abort = () => {
        const at = queue.indexOf(task);
        if (at >= 0) queue.splice(at, 1);
        reject(signal.reason);
      };
      const done = () => signal.removeEventListener("abort", abort);
      const task: Task = {
        text,
        resolve: (vector) => {
          done();
          resolve(vector);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      queue.push(task);
      next();
    });

  return {
    model: "energetic-ai-en-0.2",
    dimensions: 512,
    weight: 0.4,
    nearness: 0.2,
    canRead: (text) => isLatin(text) && detectLanguage(text) === "english",
    embed: (texts, purpose, signal) => Promise.all(texts.map((text) => embedOne(text, purpose, signal))),
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(idle);
      const error = new EmbedderUnavailableError("The embedder is closed.");
      for (const task of [current, ...queues.query.splice(0), ...queues.bulk.splice(0)]) task?.reject(error);
      current = undefined;
      await unload();
    },
  };
}

/** Whether most letters are of the Latin script. */
function isLatin(text: string): boolean {
  const sample = text.slice(0, 4_000);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  const latin = sample.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return latin > 0 && latin * 2 > letters;
}
