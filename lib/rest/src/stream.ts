import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { toProblem } from "./problem.ts";

/** How a stream of messages is written over HTTP. */
export type StreamFormat = {
  readonly contentType: string;
  readonly message: (message: Message) => string;
  readonly problem: (problem: object) => string;
  /** Sent where nothing else is, to keep the connection alive; empty for none. */
  readonly heartbeat: string;
};

/**
 * Server-sent events: `event` is the name of the oneof's case or of the response's only field, `id` its `cursor` where it
 * has one, `data` the response in JSON. After a failure the last event is `error` with the problem.
 */
export function createSseFormat(schema: DescMessage, toJson: (message: Message) => string): StreamFormat {
  const cursor = schema.fields.find(({ name }) => name === "cursor");
  const others = schema.fields.filter((field) => field !== cursor);
  const oneof = schema.oneofs[0];
  const only = others.length === 1 ? others[0]?.jsonName : undefined;
  return {
    contentType: "text/event-stream",
    heartbeat: ": heartbeat\n\n",
    problem: (problem) => `event: error\ndata: ${JSON.stringify(problem)}\n\n`,
    message: (message) => {
      const values = message as Message & Record<string, unknown>;
      const chosen = oneof ? (values[oneof.localName] as { case?: string }).case : undefined;
      const event = schema.fields.find(({ localName }) => localName === chosen)?.jsonName ?? only;
      const id = cursor ? String(values[cursor.localName]) : "";
      const head = `${event === undefined ? "" : `event: ${event}\n`}${/^[^\r\n\0]+$/.test(id) ? `id: ${id}\n` : ""}`;
      return `${head}data: ${toJson(message)}\n\n`;
    },
  };
}

/** A line of JSON for each message; after a failure a last line `{"error": problem}`. */
export function createNdjsonFormat(toJson: (message: Message) => string): StreamFormat {
  return {
    contentType: "application/x-ndjson",
    heartbeat: "",
    message: (message) => `${toJson(message)}\n`,
    problem: (error) => `${JSON.stringify({ error })}\n`,
  };
}

/**
 * Writes messages as they come and waits where the client reads slowly. Throws what the stream throws before anything was
 * written; later failures go into the stream. `signal` is aborted when the client goes away.
 */
export async function answerStream(
  res: ServerResponse,
  messages: AsyncIterable<Message>,
  format: StreamFormat,
  options: {
    signal: AbortSignal;
    traceId: string;
    heartbeatMs: number;
    graceMs: number;
    headers: () => Record<string, string | string[]>;
  },
): Promise<void> {
  const { signal, traceId } = options;
  const iterator = messages[Symbol.asyncIterator]();
  const first = iterator.next();
  // A stream that has nothing to say yet is answered after a while, so that the client knows it is open.
  await Promise.race([first, delay(options.graceMs, undefined, { ref: false })]);
  if (signal.aborted) return;
  res.writeHead(200, { "content-type": format.contentType, ...streamHeaders, ...options.headers() });
  res.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!res.writableNeedDrain && format.heartbeat) res.write(format.heartbeat);
  }, options.heartbeatMs);
  try {
    for (let result = await first; !result.done; result = await iterator.next()) {
      if (!res.write(format.message(result.value))) await drained(res, signal);
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) res.write(format.problem(toProblem(error, traceId).body));
  } finally {
    clearInterval(heartbeat);
    // Not awaited: a stream that ignores its signal must not hold the answer open.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
    res.end();
  }
}

const streamHeaders = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

function drained(res: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    res.on("drain", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
