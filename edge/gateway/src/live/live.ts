import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { withHttp } from "@lyceum/rest";
import type { Mounts } from "@lyceum/service";
import type { Credentials } from "../credentials/credentials.ts";
import { createEvents } from "./events.ts";
import { createSockets } from "./web-socket.ts";

/** What happens in rooms, as it happens: ChatService.Subscribe over server-sent events and WebSockets. */
export type Live = Disposable & {
  /** Serves `GET /v1/events`; false for any other request. */
  http(req: IncomingMessage, res: ServerResponse, path: string): boolean;
  /** True if a WebSocket may be opened at a path. */
  hasSocketAt(path: string): boolean;
  /** Takes the handshake of a WebSocket. */
  accept(req: IncomingMessage, socket: Duplex, head: Buffer): void;
};

/** Serves it where chat is one of the services. */
export function createLive(
  services: readonly DescService[],
  feed: Mounts["feed"],
  stopping: AbortSignal,
  credentials: Credentials,
): Live {
  const isOffered = services.includes(ChatService);
  const events = createEvents(feed, stopping);
  const sockets = createSockets({ feed, credentials }, stopping);
  return {
    http: (req, res, path) => {
      if (!isOffered || req.method !== "GET") return false;
      if (path === "/v1/ws") throw upgradeRequired();
      if (path === "/v1/events") events(req, res);
      return path === "/v1/events";
    },
    hasSocketAt: (path) => isOffered && path === "/v1/ws",
    accept: sockets.accept,
    [Symbol.dispose]: () => sockets[Symbol.dispose](),
  };
}

function upgradeRequired(): ConnectError {
  const error = new ConnectError("This path takes the handshake of a WebSocket.", Code.FailedPrecondition);
  return withHttp(error, 426, { upgrade: "websocket", connection: "upgrade" });
}
