import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { answerProblem } from "@lyceum/rest";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Revocations } from "../auth/revocations.ts";
import { forwardedHeaders, signInRequired } from "../caller.ts";
import type { Caller, HttpRoute } from "../define-service.ts";
import { callerOfHeader } from "../interceptors/authenticate.ts";
import { logCall } from "../interceptors/log-calls.ts";
import { toPublicError } from "../interceptors/map-errors.ts";
import { startSpan } from "../telemetry/spans.ts";
import { type Trace, withTrace } from "../trace.ts";
import { drainBody } from "./request-body.ts";
import type { RequestHandler } from "./request-handler.ts";

/** What plain HTTP routes are served with. */
export type HttpOptions = {
  readonly authenticator: Authenticator;
  readonly revocations: Revocations;
  readonly log: Logger;
  readonly shutdownSignal: AbortSignal;
};

const graceMs = 1_000;

type Match = { readonly route: HttpRoute; readonly params: Record<string, string> };

/** Serves plain HTTP routes; false for a method and path that are none of them. */
export function createHttpHandler(routes: readonly HttpRoute[], options: HttpOptions): RequestHandler {
  const table = routes.map((route) => ({ route, match: compilePath(route.path) }));
  return (req, res) => {
    const url = req.url ?? "";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    for (const { route, match } of table) {
      const params = route.method === req.method ? match(path) : undefined;
      if (!params) continue;
      const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
      void serve({ route, params }, query, req, res, options);
      return true;
    }
    return false;
  };
}

async function serve(
  { route, params }: Match,
  query: URLSearchParams,
  req: IncomingMessage,
  res: ServerResponse,
  { authenticator, revocations, log, shutdownSignal }: HttpOptions,
): Promise<void> {
  const start = performance.now();
  const name = `${route.method} ${route.path}`;
  const span = startSpan(name, {
    kind: "server",
    parent: header(req, "traceparent"),
    attributes: { "http.request.method": route.method, "http.route": route.path },
  });
  const { trace } = span;
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, shutdownSignal]);
  // The session has ended, or the process stops: a handler may end its answer in order, but not go on with it.
  signal.addEventListener("abort", () => setTimeout(() => res.destroy(), graceMs).unref(), { once: true });
  res.once("close", () => end.abort(new ConnectError("The client went away.", Code.Canceled)));
  let caller: Caller = { kind: "anonymous" };
  let failure: unknown;
  let unwatch = () => {};
  try {
    const known = await identify(authenticator, route, header(req, "authorization"));
    caller = known.caller;
    if (caller.kind === "person") unwatch = revocations.watch(caller.sessionId, (error) => end.abort(error));
    const forward = { headers: forwardedHeaders(known.token, trace), signal };
    await withTrace(trace, () =>
      route.handle({ req, res, params, query, caller, signal, traceId: trace.traceId, forward }),
    );
    if (signal.aborted) res.destroy();
  } catch (error) {
    failure = answerError(res, error, trace, signal);
  } finally {
    drainBody(req);
  }
  span.set({ "http.response.status_code": res.statusCode });
  span.end(res.statusCode >= 500 ? failure : undefined);
  res.once("close", unwatch);
  if (res.closed) unwatch();
  logCall(log, {
    method: name,
    error: failure,
    durationMs: performance.now() - start,
    caller,
    traceId: trace.traceId,
  });
}

async function identify(authenticator: Authenticator, route: HttpRoute, authorization: string | undefined) {
  try {
    // No route is for services, so service tokens are refused as on the public surface.
    const known = await callerOfHeader(authenticator, authorization, undefined);
    const mayBeNobody = route.access === "public" || (route.access === "signed" && authorization === undefined);
    if (!mayBeNobody && known.caller.kind !== "person") throw signInRequired();
    return known;
  } catch (error) {
    if (route.access !== "public") throw error;
    return { caller: { kind: "anonymous" } as const, token: undefined };
  }
}

function answerError(res: ServerResponse, reason: unknown, { traceId }: Trace, signal: AbortSignal): ConnectError {
  const error = toPublicError(reason, traceId, signal);
  answerProblem(res, error, traceId);
  return error;
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `{name}` matches one segment; a broken percent escape is kept as it came, so that it names nothing. */
function compilePath(template: string): (path: string) => Record<string, string> | undefined {
  const names: string[] = [];
  const pattern = template
    .split(/(\{\w+\})/)
    .map((part) => {
      if (!/^\{\w+\}$/.test(part)) return part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      names.push(part.slice(1, -1));
      return "([^/]+)";
    })
    .join("");
  const regex = new RegExp(`^${pattern}$`);
  return (path) => {
    const match = regex.exec(path);
    return match
      ? Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1] as string)]))
      : undefined;
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
