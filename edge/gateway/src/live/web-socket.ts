import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { readTraceId, toProblem } from "@lyceum/rest";
import { createPreframer, drained, type FeedReader, fail, type Mounts, maxWaitingBytes } from "@lyceum/service";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import type { Credentials } from "../credentials/credentials.ts";
import { readClientFrame } from "./client-frame.ts";
import { toWebSocketFrame } from "./preframe.ts";
import { restarting } from "./subscriber.ts";

/** The sockets of `/v1/ws`. */
export type Sockets = Disposable & {
  /** Takes a handshake that was let in. */
  accept(req: IncomingMessage, socket: Duplex, head: Buffer): void;
};

/** Close codes of the contract; 1011 is RFC 6455's for a server that failed. */
const closeCodes = { protocol: 4400, sessionEnded: 4401, tooSlow: 4408, restart: 1012, failed: 1011 } as const;

/** How patient the gateway is. */
type Patience = {
  /** For the first frame. */
  readonly authenticateMs?: number;
  /** For the first frame of who is known by the cookie, and after it may just listen. */
  readonly silentMs?: number;
  /** For the answer to a ping. */
  readonly aliveMs?: number;
};

/** Where a socket's frames come from, and what it is let in by. */
export type Source = {
  readonly feed: Mounts["feed"];
  readonly credentials: Pick<Credentials, "tokenFor" | "hasCookie">;
};

const closeMs = 5_000;

const preframe = createPreframer(({ json }) => toWebSocketFrame(json));

/**
 * Carries ChatService.Subscribe over WebSockets: the first frame of the client authenticates, or the cookie of its handshake does,
 * then each response is a text frame.
 * Frames with `type` are control. Ends with a frame that says why and the contract's close code.
 */
export function createSockets(
  source: Source,
  stopping: AbortSignal,
  { authenticateMs = 10_000, silentMs = 3_000, aliveMs = 30_000 }: Patience = {},
): Sockets {
  const server = new WebSocketServer(serverOptions);
  const alive = new Map<WebSocket, boolean>();
  // Whoever has not even answered a ping since the last round has gone without a word.
  const round = setInterval(() => {
    for (const [socket, isAlive] of alive) {
      if (!isAlive) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.ping();
      alive.set(socket, false);
    }
  }, aliveMs).unref();
  const closeAll = () => {
    for (const socket of alive.keys()) close(socket, restarting());
  };
  stopping.addEventListener("abort", closeAll);
  return {
    accept: (req, stream, head) => {
      server.handleUpgrade(req, stream, head, (socket) => {
        alive.set(socket, true);
        socket.on("pong", () => alive.set(socket, true)).on("close", () => alive.delete(socket));
        serve(socket, stream, { ...source, req, authenticateMs, silentMs });
        if (stopping.aborted) close(socket, restarting());
      });
    },
    [Symbol.dispose]: () => {
      clearInterval(round);
      stopping.removeEventListener("abort", closeAll);
      for (const socket of alive.keys()) socket.terminate();
    },
  };
}

/** What is wrong with a frame is 4400, whoever finds it. */
class Socket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    super.close(code !== undefined && code > 1001 && code < 1010 ? closeCodes.protocol : code, data);
  }
}

const serverOptions: ServerOptions<typeof WebSocket> = {
  noServer: true,
  clientTracking: false,
  // It would cost 250 KiB a connection.
  perMessageDeflate: false,
  // A little more than is taken, so that most of what is too large gets an answer in words.
  maxPayload: 16 * 1024,
  skipUTF8Validation: true,
  closeTimeout: closeMs,
  WebSocket: Socket,
} as ServerOptions<typeof WebSocket>;

type Serving = Source & {
  /** The handshake. */
  readonly req: IncomingMessage;
  readonly authenticateMs: number;
  readonly silentMs: number;
};

function serve(socket: WebSocket, stream: Duplex, serving: Serving): void {
  const { feed, credentials, req } = serving;
  const traceparent = req.headers.traceparent as string | undefined;
  let following: Promise<Disposable> | undefined;
  const hasCookie = credentials.hasCookie(req);
  const timer = hasCookie
    ? setTimeout(() => void follow(undefined, ""), serving.silentMs)
    : setTimeout(() => close(socket, badFrame("Send an auth frame first.")), serving.authenticateMs);
  const reader: FeedReader = {
    write: (frame) => {
      if (socket.readyState !== WebSocket.OPEN || stream.writableLength > maxWaitingBytes) return false;
      stream.write(preframe(frame));
      return true;
    },
    drained: () => drained(stream),
    end: (error) => close(socket, error, traceparent),
  };
  const follow = async (token: string | undefined, cursor: string) => {
    clearTimeout(timer);
    following = credentials
      .tokenFor(token, req, "/v1/events")
      .then((accessToken) =>
        feed(ChatService.method.subscribe, { token: accessToken, input: { cursor }, traceparent }, reader),
      );
    try {
      const followed = await following;
      if (socket.readyState !== WebSocket.OPEN) followed[Symbol.dispose]();
    } catch (error) {
      close(socket, error as ConnectError, traceparent);
    }
  };
  socket.on("message", (data, isBinary) => {
    const frame = readClientFrame(data as Buffer, isBinary);
    if (stream.writableLength > maxWaitingBytes) close(socket, tooSlow());
    else if (frame?.type === "auth" && !following && (hasCookie || frame.token !== undefined))
      void follow(frame.token, frame.cursor);
    else if (!frame || frame.type === "auth" || !following) close(socket, badFrame("This frame is not expected."));
    else if (frame.type === "ping") socket.send(pong);
  });
  socket.on("error", () => undefined);
  socket.once("close", () => {
    clearTimeout(timer);
    following?.then((followed) => followed[Symbol.dispose]()).catch(() => undefined);
  });
}

const pong = JSON.stringify({ type: "pong" });

/** Says why in a last frame, and closes. */
function close(socket: WebSocket, error: ConnectError, traceparent?: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const problem = toProblem(error, readTraceId(traceparent)).body;
  socket.send(JSON.stringify({ type: "error", error: problem }));
  socket.close(codeOf(error, problem.reason));
}

function codeOf({ code }: ConnectError, reason: string): number {
  if (code === Code.Unauthenticated || code === Code.PermissionDenied) return closeCodes.sessionEnded;
  if (code === Code.InvalidArgument) return closeCodes.protocol;
  if (code === Code.Unavailable) return closeCodes.restart;
  return code === Code.ResourceExhausted && reason === "TOO_SLOW" ? closeCodes.tooSlow : closeCodes.failed;
}

const badFrame = (message: string) => fail(Code.InvalidArgument, "BAD_FRAME", message);
const tooSlow = () => fail(Code.ResourceExhausted, "TOO_SLOW", "Too much waits to be read. Connect again to go on.");
