import { Worker } from "node:worker_threads";
import { type Embedder, EmbedderUnavailableError } from "./embedder.ts";

/** Asks a worker for one text's vector. */
export type EmbedRequest = { readonly id: number; readonly text: string };
/** The vector, or why there is none. */
export type EmbedResponse = { readonly id: number; readonly vector?: Float32Array; readonly error?: string };

/** How a worker embeds. */
export type WorkerOptions = {
  /** Answers each EmbedRequest with an EmbedResponse. */
  readonly program: URL;
  /** What the program starts with. */
  readonly data?: unknown;
  /** How long the model stays in memory unused; 60 s by default. */
  readonly idleMs?: number | undefined;
  /** What of a text the model can take in at most. */
  readonly maxCharacters: number;
};

/** The part of an embedder that a worker does. */
export type WorkerEmbedder = Pick<Embedder, "embed"> & AsyncDisposable;

type Task = {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Embeds one text at a time in a thread that starts with the first and ends when idle, so that no model stays in memory unused.
 * Queries go before bulk work.
 */
export function openWorkerEmbedder({ program, data, idleMs = 60_000, maxCharacters }: WorkerOptions): WorkerEmbedder {
  const queues = { query: [] as Task[], bulk: [] as Task[] };
  let worker: Worker | undefined;
  let current: Task | undefined;
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): Worker => {
    const started = new Worker(program, {
      workerData: data,
      // Nothing of a model concerns the console: TensorFlow prints advice there.
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
