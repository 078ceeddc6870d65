import { setTimeout as sleep } from "node:timers/promises";
import { type Embedder, EmbedderUnavailableError } from "./embedder.ts";

/** Where a provider serves embeddings. */
export type HttpEmbedderOptions = {
  /** The base of its API, such as `http://localhost:11434/v1`. */
  readonly url: string;
  /** The model's name there. */
  readonly name: string;
  readonly apiKey: string | undefined;
  /** The wait before the first repetition; 300 ms by default. It doubles with each. */
  readonly retryMs?: number;
};

const batchSize = 32;
const maxCharacters = 8_000;
/** Bulk requests under way at once: beside them, queries find a provider that is not busy. */
const maxBulk = 2;
const maxTries = 4;
const timeoutMs = { query: 10_000, bulk: 60_000 };
const maxWaitMs = 20_000;

/** Any provider of the OpenAI-compatible `POST /embeddings`, such as Ollama, vLLM or a hosted one; its models read every language. */
export function openHttpEmbedder({ url, name, apiKey, retryMs = 300 }: HttpEmbedderOptions): Embedder {
  const address = `${url.replace(/\/+$/, "")}/embeddings`;
  const closed = new AbortController();
  const takeTurn = createTurns(maxBulk);
  let length: number | undefined;

  const post = async (input: readonly string[], purpose: "query" | "bulk", signal: AbortSignal) => {
    const res = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify({ model: name, input, encoding_format: "float" }),
      signal: AbortSignal.any([signal, closed.signal, AbortSignal.timeout(timeoutMs[purpose])]),
    });
    if (res.ok) return readVectors(await res.json(), input.length);
    // What a provider says may repeat the text, so only its status is told.
    await res.body?.cancel();
    throw new ProviderError(res.status, Number(res.headers.get("retry-after")) * 1_000 || 0);
  };
  const readVectors = (body: unknown, count: number): Float32Array[] => {
    const rows = readRows(body);
    if (rows?.length !== count) throw new EmbedderUnavailableError("The embedder answers nonsense.");
    const sorted = rows.toSorted((a, b) => a.index - b.index).map(({ embedding }) => toUnit(embedding));
    length ??= sorted[0]?.length;
    if (sorted.some((vector) => vector.length !== length)) {
      throw new EmbedderUnavailableError("The embedder gives vectors of several lengths.");
    }
    return sorted;
  };
  const embedBatch = async (input: readonly string[], purpose: "query" | "bulk", signal: AbortSignal) => {
    for (let tries = 1; ; tries++) {
      try {
        return await post(input, purpose, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (closed.signal.aborted) throw new EmbedderUnavailableError("The embedder is closed.");
        if (error instanceof EmbedderUnavailableError) throw error;
        const isLasting = error instanceof ProviderError && error.status < 500 && ![408, 429].includes(error.status);
        if (isLasting || tries === maxTries) throw toUnavailable(error);
        const waitMs = error instanceof ProviderError ? error.retryAfterMs : 0;
        const backoffMs = retryMs * 2 ** (tries - 1) * (0.5 + Math.random());
        await sleep(Math.min(maxWaitMs, Math.max(waitMs, backoffMs)), undefined, { signal }).catch(() => {});
        signal.throwIfAborted();
      }
    }
  };

  return {
    model: `http ${name}`,
    weight: 0.5,
    nearness: 0.2,
    canRead: () => true,
    async embed(texts, purpose, signal) {
      signal.throwIfAborted();
      const inputs = texts.map((text) => text.slice(0, maxCharacters).trim() || ".");
      const vectors: Float32Array[] = [];
      for (let at = 0; at < inputs.length; at += batchSize) {
        const batch = () => embedBatch(inputs.slice(at, at + batchSize), purpose, signal);
        vectors.push(...(purpose === "query" ? await batch() : await takeTurn(batch)));
      }
      return vectors;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
    },
  };
}

type Row = { readonly index: number; readonly embedding: readonly number[] };

/** The rows of a well-formed answer. */
function readRows(body: unknown): readonly Row[] | undefined {
  const { data } = (body ?? {}) as { data?: unknown };
  const isRow = (row: Partial<Row> | null) =>
    Number.isInteger(row?.index) &&
    Array.isArray(row?.embedding) &&
    row.embedding.length > 0 &&
    row.embedding.every(Number.isFinite);
  return Array.isArray(data) && data.every(isRow) ? data : undefined;
}

class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly status: number;
  readonly retryAfterMs: number;

  constructor(status: number, retryAfterMs: number) {
    super(`status ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

function toUnavailable(error: unknown): EmbedderUnavailableError {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  const reason = name === "TimeoutError" ? "it takes too long" : (cause?.code ?? message);
  return new EmbedderUnavailableError(`The embedder does not answer: ${reason}.`);
}

/** Lets `limit` works run at once; the others wait in order. */
function createTurns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

function toUnit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values) || 1;
  return Float32Array.from(values, (value) => value / length);
}
