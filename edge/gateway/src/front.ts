import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectError } from "@connectrpc/connect";
import { answerProblem } from "@lyceum/rest";
import { type Front, type Mounts, startSpan } from "@lyceum/service";
import { createNetworks } from "./client-address.ts";
import type { GatewayConfig } from "./config.ts";
import { createCredentials } from "./credentials/credentials.ts";
import type { Exchange as CredentialExchange } from "./credentials/exchange.ts";
import { createDemands } from "./credentials/scopes.ts";
import { createSessionCookies } from "./credentials/session-cookies.ts";
import { createFilesOrigin } from "./files-origin.ts";
import { createLive } from "./live/live.ts";
import { createOrigins, ownOrigins } from "./origins.ts";
import { createRateLimits } from "./rate-limits.ts";
import { findRemoteServices } from "./remotes.ts";
import { createRouting, type Exchange } from "./routing.ts";
import { answerRpcError, isRpcPath } from "./rpc-error.ts";
import { commonHeaders } from "./security-headers.ts";
import { dropServiceToken } from "./service-token.ts";
import { tellAddress } from "./tell-address.ts";

/** What the front is told beside what it mounts. */
export type FrontOptions = {
  readonly config: GatewayConfig;
  /** Where access tokens come from for what callers bring instead. */
  readonly exchange: CredentialExchange;
  /** Where people reach Lyceum. */
  readonly publicUrl: string;
  /** Aborted when the process begins to stop. */
  readonly stopping: AbortSignal;
  /** The built page. */
  readonly pageFolder: string;
};

/**
 * Lets in what may come in from outside, and has it served: RPCs, gRPC health and reflection, plain HTTP, REST, server-sent
 * events, WebSockets, `/openapi.json`, `/docs` and the page.
 */
export function createFront(mounts: Mounts, options: FrontOptions): Front & Disposable {
  const { config, exchange, publicUrl, stopping, pageFolder } = options;
  const remoteServices = findRemoteServices(mounts);
  const services = [...mounts.services, ...remoteServices];
  const limits = createRateLimits(config, services, mounts.identify);
  const { countStranger } = limits;
  const { filesOrigin } = config;
  const allowed = [...ownOrigins(publicUrl, mounts.port), ...config.allowedOrigins];
  const origins = createOrigins(allowed, { publicUrl, filesOrigin });
  const cookies = createSessionCookies(publicUrl, origins);
  const credentials = createCredentials({ exchange, demands: createDemands(services), cookies, countStranger });
  const live = createLive(services, mounts.feed, stopping, credentials);
  const route = createRouting({ mounts, remoteServices, live, pageFolder, filesOrigin });
  const headers = Object.entries(commonHeaders(publicUrl));
  const proxies = createNetworks(config.trustedProxies);
  const leadToFiles = createFilesOrigin(filesOrigin);

  const serve = (exchange: Exchange): void => {
    try {
      route(exchange);
    } catch (error) {
      refuse(exchange, error);
    }
  };
  return {
    request: (req, res) => {
      const exchange = { req, res, path: pathOf(req), traceId: beginTrace(req, res) };
      res.setHeader("lyceum-trace-id", exchange.traceId);
      for (const [name, value] of headers) res.setHeader(name, value);
      if (origins.share(req, res)) return;
      try {
        if (leadToFiles(req, res, exchange.path)) return;
      } catch (error) {
        return refuse(exchange, error);
      }
      const admitted = credentials.admit(req, res, exchange.path);
      dropServiceToken(req);
      tellAddress(req, proxies);
      const counted = admitted
        ? admitted.then(() => limits.count(req, exchange.path))
        : limits.count(req, exchange.path);
      if (!counted) serve(exchange);
      else {
        counted.then(
          () => serve(exchange),
          (error) => refuse(exchange, error),
        );
      }
    },
    upgrade: (req, socket, head) => {
      socket.on("error", () => undefined);
      beginTrace(req, socket);
      if (!live.hasSocketAt(pathOf(req))) return refuseSocket(socket, "404 Not Found");
      if (!origins.allows(req.headers.origin)) return refuseSocket(socket, "403 Forbidden");
      if (cookies.read(req) !== "" && !cookies.mayUse(req)) return refuseSocket(socket, "403 Forbidden");
      Promise.resolve(limits.count(req, pathOf(req))).then(
        () => live.accept(req, socket, head),
        ({ metadata }: ConnectError) =>
          refuseSocket(socket, "429 Too Many Requests", `Retry-After: ${metadata.get("retry-after")}\r\n`),
      );
      return undefined;
    },
    [Symbol.dispose]: () => {
      live[Symbol.dispose]();
      route[Symbol.dispose]();
    },
  };
}

/** Answers an error in the protocol the request speaks. */
function refuse({ req, res, path, traceId }: Exchange, error: unknown): void {
  if (error instanceof ConnectError && isRpcPath(path)) answerRpcError(req, res, error);
  else answerProblem(res, error, traceId);
}

function refuseSocket(socket: Duplex, status: string, headers = ""): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The id of the request's trace, which begins here if the request brings none; every hop goes on from its header. */
function beginTrace(req: IncomingMessage, answer: ServerResponse | Duplex): string {
  const { method = "GET" } = req;
  const path = pathOf(req);
  const span = startSpan(isRpcPath(path) ? path.slice(1) : method, {
    kind: "server",
    parent: req.headers.traceparent?.toString(),
    attributes: { "http.request.method": method, "lyceum.service": "gateway" },
  });
  req.headers.traceparent = span.trace.traceparent;
  answer.once("close", () => {
    const status = "statusCode" in answer ? answer.statusCode : 101;
    span.set({ "http.response.status_code": status });
    span.end(status >= 500 ? new Error(`status ${status}`) : undefined);
  });
  return span.trace.traceId;
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "";
}
