import { setTimeout as sleep } from "node:timers/promises";
import { storable } from "@lyceum/database";
import { createParser, type EventSourceParser } from "eventsource-parser";
import { ModelUnavailableError } from "./generator.ts";

/** Where a provider serves a model. */
export type ModelOptions = {
  /** The base of its API, such as `http://localhost:11434/v1`. */
  readonly url: string;
  /** The model's name there. */
  readonly name: string;
  readonly apiKey: string | undefined;
  /**
   * How long it may be silent, before its first word and between two; 9 s by default, of the 10 s that an asker waits at most. Comments
   * that keep a connection open are silence.
   */
  readonly silenceMs?: number;
  /** The wait before it is asked once more; 300 ms by default. */
  readonly retryMs?: number;
};

export type ChatMessage = { readonly role: "system" | "user"; readonly content: string };

/** What a model sends: words, why it ended, or what it counted. */
export type ChatEvent =
  | { readonly words: string }
  | { readonly end: string }
  | { readonly inputTokens: number; readonly outputTokens: number };

/** The second that is left is for finding passages. */
export const defaultSilenceMs = 9_000;
const maxTries = 2;
const maxEventCharacters = 256 * 1024;
const maxStreamBytes = 8 * 1024 * 1024;

/**
 * Streams a chat completion of any provider of the OpenAI-compatible `POST /chat/completions`, such as Ollama, vLLM or a hosted one.
 * Throws ModelUnavailableError for everything but a whole answer, or the signal's reason.
 */
export async function* streamChat(
  model: ModelOptions,
  messages: readonly ChatMessage[],
  maxTokens: number,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const silence = watchSilence(model.silenceMs ?? defaultSilenceMs);
  const ended = AbortSignal.any([signal, silence.signal]);
  try {
    const res = await request(model, messages, maxTokens, ended);
    yield* readEvents(res, silence.reset);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ModelUnavailableError ? error : toUnavailable(error);
  } finally {
    silence.stop();
  }
}

/** Sends the request, once more if that may help. What a provider says of a failure may repeat text or key, so only its status is told. */
async function request(
  { url, name, apiKey, retryMs = 300 }: ModelOptions,
  messages: readonly ChatMessage[],
  maxTokens: number,
  signal: AbortSignal,
): Promise<Response> {
  const asked = { model: name, messages, stream: true };
  // Some models take no temperature, or limit by another name: they are asked again without.
  const tuned = { ...asked, temperature: 0, max_tokens: maxTokens, stream_options: { include_usage: true } };
  for (let tries = 1, body: object = tuned; ; tries++) {
    const res = await fetch(`${url.replace(/\/+$/, "")}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    }).catch((error: unknown) => toUnavailable(error));
    signal.throwIfAborted();
    if (res instanceof Response && res.ok) return res;
    const failure = res instanceof Response ? new ModelUnavailableError(`The model answers ${res.status}.`) : res;
    const status = res instanceof Response ? res.status : undefined;
    if (res instanceof Response) await res.body?.cancel();
    if (tries === maxTries || !mayHelp(status)) throw failure;
    if (status === 400 || status === 422) body = asked;
    else await sleep(retryMs, undefined, { signal });
  }
}

/** Whether asking again may help: a lost connection, a busy or broken provider, one that knows fewer options. */
const mayHelp = (status: number | undefined) =>
  status === undefined || status >= 500 || [400, 408, 422, 429].includes(status);

async function* readEvents(res: Response, onSign: () => void): AsyncGenerator<ChatEvent> {
  if (!res.body || !/^text\/event-stream\b/i.test(res.headers.get("content-type") ?? "")) {
    await res.body?.cancel();
    throw new ModelUnavailableError("The model sends no stream of events.");
  }
  const events: ChatEvent[] = [];
  let isDone = false;
  const parser = createParser({
    maxBufferSize: maxEventCharacters,
    onEvent({ data }) {
      onSign();
      if (data.trim() === "[DONE]") isDone = true;
      else if (!isDone) events.push(...readChunk(data));
    },
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") throw new ModelUnavailableError("The model sends endless lines.");
    },
  });
  const decoder = new TextDecoder();
  let hasEnded = false;
  let size = 0;
  for await (const bytes of res.body) {
    size += bytes.length;
    if (size > maxStreamBytes) throw new ModelUnavailableError("The model sends without end.");
    const failure = tryFeed(parser, decoder.decode(bytes, { stream: true }));
    for (const event of events.splice(0)) {
      hasEnded ||= "end" in event;
      yield event;
    }
    if (failure) throw failure;
    if (isDone) break;
  }
  if (!hasEnded) throw new ModelUnavailableError("The model broke off.");
}

/** What is wrong with a piece of the stream, if anything: what came before it in the piece counts. */
function tryFeed(parser: EventSourceParser, text: string): unknown {
  try {
    parser.feed(text);
    return undefined;
  } catch (error) {
    return error;
  }
}

type Chunk = {
  readonly choices?: readonly { delta?: { content?: unknown }; finish_reason?: unknown }[];
  readonly usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
  readonly error?: unknown;
};

function* readChunk(data: string): Generator<ChatEvent> {
  const { choices, usage, error } = parse(data);
  if (error) throw new ModelUnavailableError("The model reports an error.");
  const [choice] = Array.isArray(choices) ? choices : [];
  const words = choice?.delta?.content;
  if (typeof words === "string" && words) yield { words: storable(words) };
  if (typeof choice?.finish_reason === "string" && choice.finish_reason) yield { end: choice.finish_reason };
  if (usage) yield { inputTokens: toCount(usage.prompt_tokens), outputTokens: toCount(usage.completion_tokens) };
}

function parse(data: string): Chunk {
  try {
    const chunk: unknown = JSON.parse(data);
    if (typeof chunk === "object" && chunk !== null) return chunk;
  } catch {
    // Not JSON: told below.
  }
  throw new ModelUnavailableError("The model sends nonsense.");
}

const toCount = (value: unknown) =>
  typeof value === "number" && value > 0 ? Math.min(Math.floor(value), 2 ** 31 - 1) : 0;

function toUnavailable(error: unknown): ModelUnavailableError {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  const reason = name === "SilenceError" ? "it is silent" : (cause?.code ?? message);
  return new ModelUnavailableError(`The model does not answer: ${reason}.`);
}

/** A signal that aborts when `reset` has not been called for a while. */
function watchSilence(limitMs: number) {
  const controller = new AbortController();
  const give = () => controller.abort(Object.assign(new Error("silent"), { name: "SilenceError" }));
  let timer = setTimeout(give, limitMs);
  return {
    signal: controller.signal,
    reset() {
      clearTimeout(timer);
      timer = setTimeout(give, limitMs);
    },
    stop: () => clearTimeout(timer),
  };
}
