import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** What a model was asked. */
export type ModelRequest = {
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly stream: boolean;
    readonly messages: readonly { role: string; content: string }[];
    readonly [option: string]: unknown;
  };
  /** All that was said to it. */
  readonly prompt: string;
  /** The texts of the passages in it, in order. */
  readonly passages: readonly string[];
  /** Aborted when whoever asked goes away. */
  readonly gone: AbortSignal;
};

/** One step of an answer: words, bytes as they are, the end with its usage, or a cut of the connection. */
export type ModelStep = { readonly say: string } | { readonly raw: string } | { readonly end: string } | "cut";

/** What a model does when it is asked: a refusal, or steps; with no `end` among them the stream just ends. */
export type ModelAnswer =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | { readonly type?: string; readonly steps: Iterable<ModelStep> | AsyncIterable<ModelStep> };

/** A model behind HTTP that does as the test says. */
export interface TestModel extends AsyncDisposable {
  /** The base of its API. */
  readonly url: string;
  readonly requests: ModelRequest[];
  /** What it does; at first it says the first sentence of the first passage, cited. */
  answer: (request: ModelRequest) => ModelAnswer;
}

/** Starts an OpenAI-compatible `POST /chat/completions` on a free port of 127.0.0.1. */
export async function startModel(): Promise<TestModel> {
  const requests: ModelRequest[] = [];
  const state = { answer: citeFirst };
  const server = createServer(async (req, res) => {
    const gone = new AbortController();
    res.on("close", () => gone.abort());
    const body = JSON.parse(await readText(req)) as ModelRequest["body"];
    const prompt = body.messages.map(({ content }) => content).join("\n");
    const request = { headers: req.headers, body, prompt, passages: readPassages(prompt), gone: gone.signal };
    requests.push(request);
    if (req.url !== "/v1/chat/completions") return void res.writeHead(404).end();
    await respond(res, state.answer(request)).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer of these words, one piece each. */
export const saying = (...words: string[]): ModelAnswer => ({
  steps: [...words.map((say) => ({ say })), { end: "stop" }],
});

const citeFirst = ({ passages, prompt }: ModelRequest): ModelAnswer => {
  const question = /^Last question: (.*)$/m.exec(prompt)?.[1];
  if (question !== undefined) return saying(question);
  const [sentence] = /^.*?[.!?](?=\s|$)/s.exec(passages[0] ?? "") ?? [];
  return sentence ? saying(...`${sentence} [1]`.split(/(?= )/)) : saying("NOT_IN_FILES");
};

function readPassages(prompt: string): string[] {
  return [...prompt.matchAll(/^\{"passage":.*\}$/gm)].map(([line]) => JSON.parse(line).text as string);
}

async function respond(res: ServerResponse, answer: ModelAnswer): Promise<void> {
  if ("status" in answer) {
    res.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    res.end(answer.body ?? JSON.stringify({ error: { message: "No." } }));
    return;
  }
  res.writeHead(200, { "content-type": answer.type ?? "text/event-stream; charset=utf-8" });
  res.flushHeaders();
  const left = once(res, "close");
  for await (const step of answer.steps) {
    if (step === "cut") {
      // What was said has left by then.
      await sleep(30);
      return void res.destroy();
    }
    if (!res.write(toBytes(step)) && !res.destroyed) await Promise.race([once(res, "drain"), left]);
    if (res.destroyed) return;
  }
  res.end();
}

function toBytes(step: Exclude<ModelStep, "cut">): string {
  if ("raw" in step) return step.raw;
  if ("say" in step) return toEvent({ choices: [{ index: 0, delta: { content: step.say }, finish_reason: null }] });
  return (
    toEvent({ choices: [{ index: 0, delta: {}, finish_reason: step.end }] }) +
    toEvent({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20 } }) +
    "data: [DONE]\n\n"
  );
}

const toEvent = (chunk: object) => `data: ${JSON.stringify(chunk)}\n\n`;
