import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { answerProblem, invalidFields, readTraceId, toProblem } from "@lyceum/rest";
import { createPreframer, drained, type FeedReader, type Mounts, maxWaitingBytes } from "@lyceum/service";
import { toJsonLine, toServerSentEvent } from "./preframe.ts";
import { restarting } from "./subscriber.ts";

/** Serves `GET /v1/events`. */
export type Events = (req: IncomingMessage, res: ServerResponse) => void;

const closeMs = 5_000;

const serverSent = {
  type: "text/event-stream",
  frame: createPreframer(toServerSentEvent),
  failure: (problem: object) => `event: error\ndata: ${JSON.stringify(problem)}\n\n`,
};
const lines = {
  type: "application/x-ndjson",
  frame: createPreframer(toJsonLine),
  failure: (error: object) => `${JSON.stringify({ error })}\n`,
};

/**
 * Carries ChatService.Subscribe over plain HTTP: server-sent events where `Accept` says so, else a line of JSON each. It goes on
 * after `?cursor=`, or `Last-Event-ID` as a browser's EventSource sends it.
 */
export function createEvents(feed: Mounts["feed"], stopping: AbortSignal): Events {
  const readers = new Set<FeedReader>();
  stopping.addEventListener("abort", () => {
    for (const reader of readers) reader.end(restarting());
  });
  return (req, res) => {
    const traceparent = req.headers.traceparent as string | undefined;
    const reader = createReader(req, res, traceparent);
    let following: Disposable | undefined;
    let isOver = false;
    readers.add(reader);
    res.once("close", () => {
      isOver = true;
      readers.delete(reader);
      following?.[Symbol.dispose]();
    });
    const follow = async () => {
      const input = { cursor: readCursor(req) };
      following = await feed(ChatService.method.subscribe, { token: bearerOf(req), input, traceparent }, reader);
      if (isOver) following[Symbol.dispose]();
      else reader.begin();
    };
    follow().catch((error) => answerProblem(res, error, readTraceId(traceparent)));
  };
}

function createReader(req: IncomingMessage, res: ServerResponse, traceparent: string | undefined) {
  const form = /\btext\/event-stream\b/.test(req.headers.accept ?? "") ? serverSent : lines;
  return {
    begin() {
      if (res.headersSent) return;
      res.writeHead(200, { "content-type": form.type, ...streamHeaders });
      res.flushHeaders();
    },
    write(frame: Parameters<FeedReader["write"]>[0]) {
      if (res.writableEnded || res.writableLength > maxWaitingBytes) return false;
      this.begin();
      res.write(form.frame(frame));
      return true;
    },
    drained: () => drained(res),
    end(error: ConnectError) {
      if (res.writableEnded) return;
      this.begin();
      res.end(form.failure(toProblem(error, readTraceId(traceparent)).body));
      // Whoever does not read does not hold the connection for ever.
      setTimeout(() => res.destroy(), closeMs).unref();
    },
  };
}

const streamHeaders = { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
}

function readCursor(req: IncomingMessage): string {
  const query = new URLSearchParams(req.url?.split("?", 2)[1]);
  const violations = [...query.keys()]
    .filter((key) => key !== "cursor")
    .map((field) => ({ field, rule: "unknown_field", message: "There is no such query parameter." }));
  if (violations.length > 0) throw invalidFields(violations);
  return query.get("cursor") ?? String(req.headers["last-event-id"] ?? "");
}
