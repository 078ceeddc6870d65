import type { IncomingMessage, ServerResponse } from "node:http";
import { type DescService, type Message, type Registry, toJson, toJsonString } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { answer, answerProblem } from "./answer.ts";
import { bindRequest } from "./bind.ts";
import { createPathMatcher } from "./path-template.ts";
import { withHttp } from "./problem.ts";
import { readJsonBody } from "./read-body.ts";
import { type RestRoute, readRoutes } from "./routes.ts";
import { answerStream, createNdjsonFormat, createSseFormat } from "./stream.ts";

export type RestOptions = {
  /** The services whose `google.api.http` options are served. */
  readonly services: readonly DescService[];
  /** A Connect client of a service, such as `createClient(service, transport)`. Asked once for each. */
  readonly client: (service: DescService) => object;
  /** Endpoints that something else serves, so that a wrong method on their paths is 405 and not 404. */
  readonly otherRoutes?: readonly { readonly method: string; readonly path: string }[];
  /** Request headers that are passed on. */
  readonly requestHeaders?: readonly string[];
  /** Response headers that are passed back. */
  readonly responseHeaders?: readonly string[];
  /** For the problems; by default that of the W3C `traceparent` header. */
  readonly traceIdOf?: (req: IncomingMessage) => string;
  /** Resolves google.protobuf.Any. */
  readonly registry?: Registry;
  /** Larger bodies are 413. 4 MiB by default. */
  readonly maxBodyBytes?: number;
  /** A body that is not whole by then is 408. 60 s by default. */
  readonly bodyTimeoutMs?: number;
  /** How often an idle SSE stream gets a comment. 15 s by default. */
  readonly heartbeatMs?: number;
  /** How long a stream without a first message may keep its status open. 500 ms by default. */
  readonly graceMs?: number;
};

/**
 * Serves RPCs as REST by their `google.api.http` options (google/api/http.proto), calling them over any Connect client.
 * Answers are proto3 JSON with implicit defaults; server streams are SSE where `Accept` says text/event-stream, else NDJSON;
 * errors are problem+json. The handler takes a request and returns true, or returns false if no template has its path.
 */
export function createRestHandler(options: RestOptions): (req: IncomingMessage, res: ServerResponse) => boolean {
  const find = createFinder(options);
  const callers = new Map(options.services.map((service) => [service, options.client(service) as UntypedClient]));
  const traceIdOf = options.traceIdOf ?? ((req) => readTraceId(req.headers.traceparent));
  return (req, res) => {
    const url = req.url ?? "";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const found = find(req.method ?? "GET", path);
    if (!found) return false;
    const query = mark < 0 ? "" : url.slice(mark + 1);
    const traceId = traceIdOf(req);
    const served = found.route
      ? serve(options, callers.get(found.route.rpc.parent) as UntypedClient, found, { req, res, query, traceId })
      : Promise.reject(methodNotAllowed(found.allow));
    served.catch((error) => answerProblem(res, error, traceId));
    return true;
  };
}

/** The trace id of a W3C `traceparent`; empty if there is none. */
export function readTraceId(traceparent: string | string[] | undefined): string {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(String(traceparent))?.[1] ?? "";
}

type UntypedClient = Record<string, (message: Message, options: CallOptions) => unknown>;
type Found = { route: RestRoute; captures: readonly string[] } | { route?: undefined; allow: readonly string[] };
type Exchange = { req: IncomingMessage; res: ServerResponse; query: string; traceId: string };

/** What is passed on of a request where no `requestHeaders` are named. */
export const defaultRequestHeaders = ["authorization", "traceparent", "tracestate", "user-agent", "accept-language"];
/** What is passed back of an answer where no `responseHeaders` are named. */
export const defaultResponseHeaders = ["cache-control", "retry-after"];

/** A timer that is set for longer ends at once. */
const maxTimeoutMs = 2 ** 31 - 1;

async function serve(
  options: RestOptions,
  client: UntypedClient,
  { route, captures }: Extract<Found, { route: RestRoute }>,
  { req, res, query, traceId }: Exchange,
): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort(new ConnectError("The client went away.", Code.Canceled));
  });
  const body = await readJsonBody(req, options.maxBodyBytes ?? 4 * 1024 * 1024, options.bodyTimeoutMs ?? 60_000);
  const message = bindRequest(route, { captures, query, body }, options.registry);
  const timeoutMs = Math.min(Number(req.headers["connect-timeout-ms"]), maxTimeoutMs);
  const responseHeaders: Record<string, string | string[]> = {};
  const call = client[route.rpc.localName]?.(message, {
    headers: pickHeaders(req, options.requestHeaders ?? defaultRequestHeaders),
    signal: gone.signal,
    ...(timeoutMs > 0 ? { timeoutMs } : {}),
    onHeader: (headers) => {
      for (const name of options.responseHeaders ?? defaultResponseHeaders) {
        // Cookies cannot be joined into one line (RFC 6265 §3).
        const value = name === "set-cookie" ? headers.getSetCookie() : headers.get(name);
        if (value !== null && value.length > 0) responseHeaders[name] = value;
      }
    },
  });
  const toText = createWriter(route, options.registry);
  if (route.rpc.methodKind === "unary") {
    const text = toText((await call) as Message);
    const headers = { "content-type": "application/json", "cache-control": "no-store", ...responseHeaders };
    answer(res, 200, headers, text);
    return;
  }
  const isSse = /\btext\/event-stream\b/.test(req.headers.accept ?? "");
  const format = isSse ? createSseFormat(route.rpc.output, toText) : createNdjsonFormat(toText);
  await answerStream(res, call as AsyncIterable<Message>, format, {
    signal: gone.signal,
    traceId,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    graceMs: options.graceMs ?? 500,
    headers: () => responseHeaders,
  });
}

function createWriter({ rpc, responseBody }: RestRoute, registry: Registry | undefined): (message: Message) => string {
  if (!responseBody) return (message) => toJsonString(rpc.output, message, { alwaysEmitImplicit: true, registry });
  return (message) => {
    const json = toJson(rpc.output, message, { alwaysEmitImplicit: true, registry });
    return JSON.stringify((json as Record<string, unknown>)[responseBody.jsonName] ?? null);
  };
}

/** Finds the route of a method and path, the methods that the path has instead, or nothing. */
function createFinder({
  services,
  otherRoutes = [],
}: RestOptions): (method: string, path: string) => Found | undefined {
  const routes = readRoutes(services);
  const others = otherRoutes.map(({ method, path }) => ({ method, matches: createPathMatcher(path) }));
  return (method, path) => {
    const allow = new Set<string>();
    for (const route of routes) {
      const captures = route.path.match(path);
      if (!captures) continue;
      const hasHead = route.httpMethod === "GET" && route.rpc.methodKind === "unary";
      if (method === route.httpMethod || (method === "HEAD" && hasHead)) return { route, captures };
      allow.add(route.httpMethod);
      if (hasHead) allow.add("HEAD");
    }
    for (const other of others) if (other.matches(path)) allow.add(other.method);
    return allow.size > 0 ? { allow: [...allow].sort() } : undefined;
  };
}

function methodNotAllowed(allow: readonly string[]): ConnectError {
  const error = new ConnectError(`This path takes ${allow.join(", ")}.`, Code.Unimplemented);
  return withHttp(error, 405, { allow: allow.join(", ") });
}

function pickHeaders(req: IncomingMessage, names: readonly string[]): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = req.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}
