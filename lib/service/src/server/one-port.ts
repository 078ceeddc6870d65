import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Front } from "../define-service.ts";
import { StartError } from "../errors.ts";
import { sniffProtocol } from "./sniff.ts";

/** A plaintext port that speaks HTTP/1.1 and HTTP/2. */
export type OnePort = {
  /** Where it answers, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, lets what runs finish until `deadlineMs` from now, then cuts the rest. */
  close(deadlineMs: number): Promise<void>;
};

const sniffMs = 10_000;
const refusedMs = 500;
const halfOpenMs = 3_000;
const settingsMs = 10_000;
const idleSessionMs = 300_000;
// Uploads through one stream would crawl within HTTP/2's default window of 64 KiB.
const windowBytes = 1024 * 1024;

/**
 * Listens on every host of `hosts` at one port; the second and later hosts may be missing on this machine. Handshakes of
 * WebSockets go to `onUpgrade`; without it they are requests like any other.
 */
export async function openOnePort(
  hosts: readonly string[],
  port: number,
  onRequest: RequestListener,
  onUpgrade?: Front["upgrade"],
): Promise<OnePort> {
  const sockets = new Set<Socket>();
  const sniffing = new Set<Socket>();
  const http = createHttp1(onRequest, onUpgrade);
  const http2 = createHttp2(onRequest);
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    sniffing.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => {});
    sniffProtocol(socket, sniffMs, (protocol) => {
      sniffing.delete(socket);
      if (protocol === "h2") {
        // Nobody goes on reading HTTP/2 once it has no more to say: streams would wait for whoever has gone.
        socket.once("end", () => socket.destroy());
        // All is said and sent. A client that still waits for something of its own would keep the connection for ever.
        socket.once("finish", () => setTimeout(() => socket.destroy(), refusedMs).unref());
        http2.server.emit("connection", socket);
      }
      if (protocol === "h1") http.server.emit("connection", socket);
    });
  };
  const { fronts, port: bound } = await listen(hosts, port, onConnection);
  return {
    url: `http://${urlHost(hosts[0] as string)}:${bound}`,
    port: bound,
    async close(deadlineMs) {
      const closed = fronts.map((front) => new Promise((resolve) => front.close(resolve)));
      for (const socket of sniffing) socket.destroy();
      http.drain();
      http2.drain();
      const timer = setTimeout(() => sockets.forEach((socket) => void socket.destroy()), deadlineMs);
      await Promise.all(closed);
      clearTimeout(timer);
      http.server.close();
    },
  };
}

function createHttp1(onRequest: RequestListener, onUpgrade: Front["upgrade"] | undefined) {
  const running = new Set<ServerResponse>();
  let draining = false;
  const server = createHttpServer({
    requestTimeout: 0,
    headersTimeout: 10_000,
    keepAliveTimeout: 65_000,
    shouldUpgradeCallback: (req) => onUpgrade !== undefined && isWebSocket(req),
  });
  // The client's FIN after its request must not lose a slow answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("connection", (socket) => socket.once("end", () => dropIfSilent(socket)));
  server.on("request", (req, res) => {
    if (draining) res.shouldKeepAlive = false;
    running.add(res);
    res.once("close", () => running.delete(res));
    onRequest(req, res);
  });
  if (onUpgrade) server.on("upgrade", onUpgrade);
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    if (!socket.writable) return socket.destroy();
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    // Destroyed at once, what the client still sends would reset the connection before it reads this.
    setTimeout(() => socket.destroy(), refusedMs).unref();
  });
  // It never listens itself, and checks its timeouts only from this event on.
  server.emit("listening");
  return {
    server,
    drain() {
      draining = true;
      for (const res of running) res.shouldKeepAlive = false;
      server.closeIdleConnections();
    },
  };
}

/**
 * A FIN is all that tells of a client that has gone, and also what one sends that only has no more to say: the answer to the
 * latter may come a little late. Writing to the former ends the connection at once.
 */
function dropIfSilent(socket: Socket): void {
  const written = socket.bytesWritten;
  const timer = setTimeout(() => {
    if (socket.bytesWritten === written) socket.destroy();
    else dropIfSilent(socket);
  }, halfOpenMs);
  socket.once("close", () => clearTimeout(timer));
}

/** Whoever offers `Upgrade: h2c` or anything else is answered as if it had not: an upgrade is an offer (RFC 9110 §7.8). */
function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

function createHttp2(onRequest: RequestListener) {
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2Server({ settings: { initialWindowSize: windowBytes, maxConcurrentStreams: 1000 } });
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session)).on("error", () => {});
    // A client that sends only its preface would hold the session for ever.
    session.setTimeout(settingsMs);
    let streams = 0;
    session.on("timeout", () => {
      if (streams === 0) session.close();
    });
    session.on("stream", (stream) => {
      streams += 1;
      stream.once("close", () => {
        streams -= 1;
      });
    });
    session.once("remoteSettings", () => {
      session.setTimeout(idleSessionMs);
      session.setLocalWindowSize(windowBytes * 4);
    });
  });
  server.on("request", onRequest as never);
  return {
    server,
    drain: () => {
      for (const session of sessions) session.close();
    },
  };
}

async function listen(hosts: readonly string[], port: number, onConnection: (socket: Socket) => void) {
  const fronts: Server[] = [];
  let bound = port;
  for (const [index, host] of hosts.entries()) {
    const front = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 },
      onConnection,
    );
    try {
      await new Promise<void>((resolve, reject) => front.once("error", reject).listen(bound, host, resolve));
      const address = front.address();
      if (typeof address === "object" && address) bound = address.port;
      fronts.push(front);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (index > 0 && ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(code)) continue;
      for (const open of fronts) open.close();
      throw new StartError(whyNotListening(code, host, bound));
    }
  }
  return { fronts, port: bound };
}

function whyNotListening(code: string, host: string, port: number): string {
  if (code === "EADDRINUSE")
    return `Port ${port} is taken on ${host}: stop what listens there, or set PORT to another.`;
  if (code === "EACCES") return `Port ${port} may not be opened by this user: set PORT to one above 1023.`;
  return `Nothing can listen on ${host} port ${port} (${code}): check HOST and PORT.`;
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
