import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { answerProblem } from "@lyceum/rest";
import type { Engine, Front, ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import { continueTrace } from "../trace.ts";
import { version } from "../version.ts";

/** An engine of a process, and whether it answers. */
export type EngineState = Omit<Relied, "ping"> & { readonly answers: boolean };

/** An engine, and the service of this process that alone uses it; undefined if all do. */
export type Relied = Engine & { readonly service: ServiceName | undefined };

/** What `/readyz?verbose` tells of a process. */
export type ProcessState = {
  readonly status: "starting" | "ready" | "stopping";
  /** What does not answer, or, until it is ready, what the start waits for. */
  readonly lost: readonly string[];
  readonly version: string;
  /** What runs in it. */
  readonly services: readonly ServiceName[];
  /** None until it is ready. */
  readonly engines: readonly EngineState[];
};

/** Whether the process serves. */
export type Health = {
  /** What the start waits for: while there is any, `/readyz` is 503 and names it. */
  waitingFor(names: readonly string[]): void;
  /** From now on `/readyz` is 200, and lists the engines that don't answer. */
  ready(engines: readonly Relied[]): void;
  stopping(): void;
  /** Answers `/healthz`, `/readyz` and `/readyz?verbose`; false for any other path. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
};

const pingMs = 1_000;
const keepMs = 1_000;

export function createHealth(services: readonly ServiceName[]): Health {
  let status: ProcessState["status"] = "starting";
  let relied: readonly Relied[] = [];
  let waiting: readonly string[] = [];
  let checked: { atMs: number; engines: Promise<EngineState[]> } | undefined;
  const check = () => {
    if (!checked || Date.now() - checked.atMs > keepMs) checked = { atMs: Date.now(), engines: pingAll(relied) };
    return checked.engines;
  };
  const read = async (): Promise<ProcessState> => {
    const engines = status === "ready" ? await check() : [];
    const silent = engines.flatMap(({ name, answers }) => (answers ? [] : [name]));
    return { status, lost: status === "ready" ? silent : waiting, version, services, engines };
  };
  return {
    waitingFor(names) {
      waiting = names;
    },
    ready(engines) {
      relied = engines;
      status = "ready";
    },
    stopping() {
      status = "stopping";
    },
    handle(req, res) {
      const [path, query] = req.url?.split("?", 2) ?? [];
      if (path === "/healthz") answerJson(res, 200, { status: "ok" });
      else if (path !== "/readyz") return false;
      else {
        void read().then((state) => {
          const { status, lost } = state;
          answerJson(res, status === "ready" ? 200 : 503, query === "verbose" ? state : { status, lost });
        });
      }
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

async function pingAll(engines: readonly Relied[]): Promise<EngineState[]> {
  return Promise.all(
    engines.map(async ({ ping, ...engine }) => {
      const answered = ping().then(
        () => true,
        () => false,
      );
      return { ...engine, answers: await Promise.race([answered, sleep(pingMs, false, { ref: false })]) };
    }),
  );
}

function answerJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}
