import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { parseTimeout } from "@connectrpc/connect/protocol-connect";
import { surfaceKey } from "../interceptors/authenticate.ts";
import { limits } from "../limits.ts";

/** A unary call under way. */
export type UnaryCall = {
  readonly context: HandlerContext;
  /** Why its deadline cannot be read. */
  readonly timeoutError: ConnectError | undefined;
  /** Aborts the handler's signal; only the first time counts. */
  end(reason: unknown): void;
};

/** What connect's `createHandlerContext` makes, with one AbortController instead of three and no copies of headers. */
export function createUnaryCall(method: DescMethod, req: IncomingMessage, surface: "public" | "internal"): UnaryCall {
  const controller = new AbortController();
  const requestHeader = new Headers(req.headers as Record<string, string>);
  const { timeoutMs = limits.defaultTimeoutMs, error } = parseTimeout(
    requestHeader.get("connect-timeout-ms"),
    limits.maxTimeoutMs,
  );
  const deadlineMs = Date.now() + timeoutMs;
  const end = (reason: unknown) => {
    clearTimeout(timer);
    controller.abort(reason);
  };
  const expire = () => end(new ConnectError("the operation timed out", Code.DeadlineExceeded));
  const timer = setTimeout(expire, Math.min(timeoutMs, limits.maxTimeoutMs));
  if (timeoutMs === 0) expire();
  const context: HandlerContext = {
    method,
    service: method.parent,
    protocolName: "connect",
    requestMethod: "POST",
    url: `http://${req.headers.host}${req.url}`,
    signal: controller.signal,
    timeoutMs: () => deadlineMs - Date.now(),
    requestHeader,
    responseHeader: new Headers({ "content-type": req.headers["content-type"] as string }),
    responseTrailer: new Headers(),
    values: createContextValues().set(surfaceKey, surface),
  };
  return { context, timeoutError: error, end };
}

/** Writes the answer; its trailers are headers that begin with `trailer-`. */
export function answerUnary(
  res: ServerResponse,
  status: number,
  { responseHeader, responseTrailer }: HandlerContext,
  body: Uint8Array,
): void {
  responseHeader.forEach((value, name) => void res.appendHeader(name, value));
  responseTrailer.forEach((value, name) => void res.appendHeader(`trailer-${name}`, value));
  res.setHeader("content-length", body.byteLength);
  res.writeHead(status);
  res.end(body);
}
