import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type ServerHttp2Stream,
} from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { breakOff } from "@lyceum/rest";
import { createShortForwarder, isShort } from "./forward-short.ts";
import { passedHeaders } from "./passed-headers.ts";

/** Passes requests on to another process without reading them. */
export type Forwarder = Disposable & {
  /**
   * Streams the request there and the answer back. `onUnreachable` is called instead if no answer began: the connection was
   * refused, or broke before the first byte.
   */
  forward(req: IncomingMessage, res: ServerResponse, onUnreachable: (error: ConnectError) => void): void;
};

/** Opens the way to the process at `url`: HTTP/2 for gRPC, which needs trailers, and HTTP/1.1 for the rest. */
export function createForwarder(url: string): Forwarder {
  const target = new URL(url);
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  const sessions = createSessions(target);
  const short = createShortForwarder(url);
  return {
    forward: (req, res, onUnreachable) => {
      const isGrpc = /^application\/grpc(?:$|[+;])/.test(req.headers["content-type"] ?? "");
      let isOver = false;
      res.once("close", () => {
        isOver = true;
      });
      const fail = (cause: unknown) => {
        if (isOver) return;
        isOver = true;
        if (!res.headersSent) onUnreachable(unreachable(cause));
        else if (isGrpc) endWithStatus(res, unreachable(cause));
        else breakOff(res);
      };
      if (isGrpc) forwardHttp2(req, res, sessions.open(), fail);
      else if (isShort(req) && !hasBodyWithoutLength(req)) short.forward(req, res, fail);
      else forwardHttp1(req, res, target, agent, fail);
    },
    [Symbol.dispose]: () => {
      agent.destroy();
      short[Symbol.dispose]();
      sessions[Symbol.dispose]();
    },
  };
}

type Fail = (cause: unknown) => void;

function forwardHttp1(req: IncomingMessage, res: ServerResponse, target: URL, agent: Agent, fail: Fail): void {
  const isChunked = hasBodyWithoutLength(req);
  const upstream = request({
    agent,
    host: target.hostname,
    port: target.port || 80,
    method: req.method,
    path: req.url,
    headers: { ...passedHeaders(req.headers), ...(isChunked ? { "transfer-encoding": "chunked" } : {}) },
  });
  // Whoever sends a body as it grows may wait for the answer to begin.
  if (isChunked) upstream.flushHeaders();
  upstream.once("response", (answer) => {
    // What is left of a request that was answered early is read and dropped.
    upstream.on("error", () => {
      req.unpipe(upstream);
      req.resume();
    });
    upstream.off("error", fail);
    res.writeHead(answer.statusCode ?? 502, passedHeaders(answer.headers));
    // Whoever sends an answer as it grows may be silent for long; any other goes out in one write with its first bytes.
    if (answer.headers["content-length"] === undefined) res.flushHeaders();
    answer.once("error", fail);
    answer.pipe(res);
  });
  upstream.on("error", fail);
  res.once("close", () => upstream.destroy());
  req.pipe(upstream);
}

function forwardHttp2(req: IncomingMessage, res: ServerResponse, session: ClientHttp2Session, fail: Fail): void {
  const stream: ClientHttp2Stream = session.request({
    ...passedHeaders(req.headers),
    ":method": req.method,
    ":path": req.url,
    te: "trailers",
  });
  stream.once("response", ({ ":status": status, ...headers }, flags) => {
    res.statusCode = status ?? 502;
    for (const [name, value] of Object.entries(passedHeaders(headers)))
      if (value !== undefined) res.setHeader(name, value);
    // An answer that is one block of headers must stay one, or its status would not be found in it.
    if (flags & constants.NGHTTP2_FLAG_END_STREAM) res.end();
    else res.flushHeaders();
  });
  stream.on("trailers", (trailers) => res.addTrailers(passedHeaders(trailers) as Record<string, string>));
  stream.once("error", fail);
  // A connection that breaks ends the stream as if it were whole.
  stream.once("aborted", () => {
    stream.unpipe(res);
    fail(undefined);
  });
  stream.once("close", () => {
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) fail(undefined);
  });
  res.once("close", () => stream.close(constants.NGHTTP2_CANCEL));
  stream.pipe(res);
  req.pipe(stream);
}

/** On HTTP/1.1 such a body has to be sent in chunks, or its bytes would be taken for the next request. */
function hasBodyWithoutLength(req: IncomingMessage): boolean {
  if (req.headers["content-length"] !== undefined) return false;
  const { stream } = req as { stream?: ServerHttp2Stream };
  return stream ? !stream.endAfterHeaders : req.headers["transfer-encoding"] !== undefined;
}

function endWithStatus(res: ServerResponse, error: ConnectError): void {
  res.addTrailers(Object.fromEntries(setTrailerStatus(new Headers(), error)));
  res.end();
}

/** One HTTP/2 connection at a time; a new one where the last is going away. */
function createSessions(target: URL): Disposable & { open(): ClientHttp2Session } {
  let current: ClientHttp2Session | undefined;
  return {
    open: () => {
      if (current && !current.closed && !current.destroyed) return current;
      const session = connect(target);
      // Kept for ever: an error after GOAWAY would otherwise end the process.
      session.on("error", () => undefined);
      session.once("goaway", () => session.close());
      session.unref();
      current = session;
      return session;
    },
    [Symbol.dispose]: () => current?.destroy(),
  };
}

function unreachable(cause: unknown): ConnectError {
  return new ConnectError(
    "A part of Lyceum cannot be reached; try again.",
    Code.Unavailable,
    undefined,
    undefined,
    cause,
  );
}
