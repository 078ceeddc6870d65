import type { IncomingMessage, ServerResponse } from "node:http";
import { base64Decode } from "@bufbuild/protobuf/wire";
import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import {
  createUniversalMethodHandler,
  type UniversalHandler,
  type UniversalHandlerOptions,
  validateUniversalHandlerOptions,
} from "@connectrpc/connect/protocol";
import { createHandlerFactory as createConnectFactory } from "@connectrpc/connect/protocol-connect";
import { createHandlerFactory as createGrpcFactory } from "@connectrpc/connect/protocol-grpc";
import { createHandlerFactory as createGrpcWebFactory } from "@connectrpc/connect/protocol-grpc-web";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { answerProblem } from "@lyceum/rest";
import type { Logger } from "pino";
import { fail } from "../errors.ts";
import { surfaceKey } from "../interceptors/authenticate.ts";
import { limits } from "../limits.ts";
import type { Routes } from "../recorded-routes.ts";
import { protocolOptions } from "./protocol-options.ts";
import { drainBody, readBody } from "./request-body.ts";
import type { RequestHandler, RpcOptions } from "./request-handler.ts";
import { createUnaryHandler } from "./unary-handler.ts";
import { endUnread } from "./unread.ts";

/** Serves RPCs over Connect, gRPC and gRPC-Web, binary and JSON, on HTTP/1.1 and HTTP/2. */
export function createRpcHandler(routes: Routes, options: RpcOptions): RequestHandler {
  const servePlain = createUnaryHandler(routes, options);
  const handlers = createHandlers(routes, options);
  return (req, res) => {
    if (servePlain(req, res)) return true;
    const url = req.url ?? "";
    const mark = url.indexOf("?");
    const handler = handlers.get(mark < 0 ? url : url.slice(0, mark));
    if (!handler) return false;
    serve(handler, req, res, options).catch((error) => {
      options.log.error({ err: error, url: req.url }, "An RPC could not be answered.");
      res.destroy();
    });
    return true;
  };
}

// True once a call has come past reading its message, to the first interceptor.
const reachedKey = createContextKey(false, { description: "reached" });

const markReached: Interceptor = (next) => (req) => {
  req.contextValues.set(reachedKey, true);
  return next(req);
};

function createHandlers(
  routes: Routes,
  { interceptors, log, shutdownSignal }: RpcOptions,
): Map<string, UniversalHandler> {
  const options: UniversalHandlerOptions = validateUniversalHandlerOptions({
    ...protocolOptions,
    interceptors: [markReached, ...interceptors],
    requestGate: (context) => watchReading(context, log),
    shutdownSignal,
  });
  const protocols = [createGrpcFactory(options), createGrpcWebFactory(options), createConnectFactory(options)];
  return new Map(
    [...routes.values()]
      .map((spec) => createUniversalMethodHandler(spec, protocols))
      .map((handler) => [handler.requestPath, handler]),
  );
}

// Connect reads a message before the first interceptor and calls bytes that are none `internal`. It aborts the context with
// that very error before it writes it, so here is the one place, for all protocols, to mend its code and to log the call.
function watchReading(context: HandlerContext, log: Logger): void {
  const startMs = performance.now();
  context.signal.addEventListener("abort", () => {
    if (context.values.get(reachedKey)) return;
    const traceparent = context.requestHeader.get("traceparent");
    endUnread({ method: context.method, traceparent, startMs }, context.signal.reason, log);
  });
}

async function serve(
  handler: UniversalHandler,
  req: IncomingMessage,
  res: ServerResponse,
  { surface }: RpcOptions,
): Promise<void> {
  const request = readRequest(req, res, surface);
  if (!request) {
    answerProblem(res, fail(Code.InvalidArgument, "MALFORMED_REQUEST", "This is not a well-formed request."), "");
    return drainBody(req);
  }
  if (handler.method.methodKind === "unary") setDefaultTimeout(request.header);
  // Not after the call below: connect-node waits for an event that no response has, so it comes back from failures only.
  res.once("finish", () => drainBody(req));
  try {
    await universalResponseToNodeResponse(await handler(request), res);
  } catch (error) {
    // The client has gone away, or the stream was reset: nobody is left to be answered.
    if (!res.destroyed && !req.destroyed && ConnectError.from(error).code !== Code.Aborted) throw error;
  }
}

function readRequest(req: IncomingMessage, res: ServerResponse, surface: RpcOptions["surface"]) {
  try {
    const request = universalRequestFromNodeRequest(
      req,
      res,
      undefined,
      createContextValues().set(surfaceKey, surface),
    );
    if (req.method === "GET") requireReadableQuery(request.url);
    return { ...request, body: readBody(req) };
  } catch {
    return undefined;
  }
}

/** Connect takes a broken base64 in a GET for a bug of the server. */
function requireReadableQuery(url: string): void {
  const query = new URL(url).searchParams;
  if (query.get("base64") === "1") base64Decode(query.get("message") ?? "");
}

function setDefaultTimeout(header: Headers): void {
  if (header.get("content-type")?.startsWith("application/grpc")) {
    if (!header.has("grpc-timeout")) header.set("grpc-timeout", `${limits.defaultTimeoutMs}m`);
  } else if (!header.has("connect-timeout-ms")) {
    header.set("connect-timeout-ms", `${limits.defaultTimeoutMs}`);
  }
}
