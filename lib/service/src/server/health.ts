import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { answerProblem } from "@lyceum/rest";
import type { Front } from "../define-service.ts";
import { fail } from "../errors.ts";
import { continueTrace } from "../trace.ts";

/** Something this process relies on, such as a database. */
export type Engine = { readonly name: string; readonly ping: () => Promise<unknown> };

/** Whether the process serves. */
export type Health = {
  /** What the start waits for: while there is any, `/readyz` is 503 and names it. */
  waitingFor(names: readonly string[]): void;
  /** From now on `/readyz` is 200, and lists the engines that don't answer. */
  ready(engines: readonly Engine[]): void;
  stopping(): void;
  /** Answers `/healthz` and `/readyz`; false for any other path. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
};

const pingMs = 1_000;
const keepMs = 1_000;

export function createHealth(): Health {
  let status: "starting" | "ready" | "stopping" = "starting";
  let engines: readonly Engine[] = [];
  let waiting: readonly string[] = [];
  let checked: { atMs: number; lost: Promise<string[]> } | undefined;
  const findLost = () => {
    if (!checked || Date.now() - checked.atMs > keepMs) checked = { atMs: Date.now(), lost: listLost(engines) };
    return checked.lost;
  };
  return {
    waitingFor(names) {
      waiting = names;
    },
    ready(relied) {
      engines = relied;
      status = "ready";
    },
    stopping() {
      status = "stopping";
    },
    handle(req, res) {
      const path = req.url?.split("?", 1)[0];
      if (path === "/healthz") answerJson(res, 200, { status: "ok" });
      else if (path !== "/readyz") return false;
      else if (status !== "ready") answerJson(res, 503, { status, lost: waiting });
      else void findLost().then((lost) => answerJson(res, 200, { status, lost }));
      return true;
    },
  };
}

/** Answers what comes before the services have opened, or after they closed. */
export const notReady: Front = {
  request: (req, res) => {
    const error = fail(Code.Unavailable, "NOT_READY", "Lyceum is starting or stopping. Try again in a moment.");
    error.metadata.set("retry-after", "1");
    answerProblem(res, error, continueTrace(req.headers.traceparent?.toString()).traceId);
  },
  upgrade: (_, socket) => {
    socket.end("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  },
};

async function listLost(engines: readonly Engine[]): Promise<string[]> {
  const answers = await Promise.all(
    engines.map(async ({ name, ping }) => {
      const answered = ping().then(
        () => true,
        () => false,
      );
      return (await Promise.race([answered, sleep(pingMs, false, { ref: false })])) ? undefined : name;
    }),
  );
  return answers.filter((name) => name !== undefined);
}

function answerJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}
