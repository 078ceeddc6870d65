import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer as createNetServer, type Socket } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, createClient, createRouterTransport } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { HttpRoute, Mounts } from "@lyceum/service";
import type { Exchange } from "./credentials/exchange.ts";

/** Mounts of hand-written RPCs and routes; files and ingest are at `url` if there is one. */
export function createMounts(options: {
  services: readonly DescService[];
  local?: (router: ConnectRouter) => void;
  remote?: (router: ConnectRouter) => void;
  url?: string;
  httpRoutes?: readonly HttpRoute[];
}): Mounts {
  const { services, local = () => undefined, remote = () => undefined, url, httpRoutes = [] } = options;
  const adapter = connectNodeAdapter({ routes: local, fallback: (_, res) => res.emit("unhandled") });
  const transport = createRouterTransport((router) => {
    local(router);
    remote(router);
  });
  return {
    services,
    clients: { of: (service) => createClient(service, transport), asService: async () => ({}) },
    rpc: (req, res) => {
      let isHandled = true;
      res.once("unhandled", () => {
        isHandled = false;
      });
      adapter(req, res);
      return isHandled;
    },
    http: (req, res) => {
      const route = httpRoutes.find(({ method, path }) => method === req.method && path === req.url?.split("?")[0]);
      if (route) void route.handle({ req, res } as never);
      return route !== undefined;
    },
    httpRoutes,
    feed: () => Promise.reject(new ConnectError("There is no feed.", Code.Unimplemented)),
    tools: () => () => false,
    identify: async (token) => {
      if (!token.startsWith("token-of-")) throw new ConnectError("No such token.", Code.Unauthenticated);
      return { userId: token.slice("token-of-".length), sessionId: "s", roles: [] };
    },
    port: 8080,
    remoteUrl: (name) => (name === "files" || name === "ingest" ? url : undefined),
  };
}

/** Listens for HTTP/1.1 and HTTP/2 on one port, without TLS. */
export async function listen(
  listener: RequestListener,
): Promise<AsyncDisposable & { url: string; sockets: Set<Socket> }> {
  const h1 = createServer(listener);
  const h2 = createHttp2Server(listener as never);
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
    socket.once("data", (bytes) => {
      socket.pause();
      socket.unshift(bytes);
      (bytes.toString("latin1").startsWith("PRI") ? h2 : h1).emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Exchanges no credential. */
export const noExchange: Exchange = {
  find: () => undefined,
  get: () => Promise.reject(new ConnectError("No such credential.", Code.Unauthenticated)),
  forget: () => undefined,
};
