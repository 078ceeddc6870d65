import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { createGrpcTransport } from "@connectrpc/connect-node";

/** What connect-node asks for HTTP/2 requests. */
export type SessionManager = NonNullable<Parameters<typeof createGrpcTransport>[0]["sessionManager"]> & Disposable;

const pingMs = 30_000;
const windowBytes = 4 * 1024 * 1024;

/**
 * Keeps one HTTP/2 connection to `url`, and opens the next when the server says goodbye. connect-node's own manager takes
 * its error listener off such a session, and what the session says afterwards ends the process (connect-es#1768): here
 * the listener stays.
 */
export function createSessionManager(url: string): SessionManager {
  const authority = new URL(url).origin;
  let current: ClientHttp2Session | undefined;
  const forget = (session: ClientHttp2Session) => {
    if (current === session) current = undefined;
  };
  return {
    authority,
    async request(method, path, headers, options) {
      for (let attempt = 1; ; attempt += 1) {
        current = current && isOpen(current) ? current : openSession(authority, forget);
        const session = current;
        try {
          return session.request({ ...headers, ":method": method, ":path": path }, options);
        } catch (error) {
          if (isOpen(session) || attempt === 3) throw error;
          forget(session);
        }
      }
    },
    notifyResponseByteRead() {},
    [Symbol.dispose]: () => current?.close(),
  };
}

function openSession(authority: string, forget: (session: ClientHttp2Session) => void): ClientHttp2Session {
  const session = connect(authority, { settings: { initialWindowSize: windowBytes } });
  session.on("error", () => {});
  // The server finishes what it has accepted; everything else goes to a new connection.
  session.once("goaway", () => forget(session));
  session.once("connect", () => session.setLocalWindowSize(windowBytes));
  const heart = setInterval(() => keepAlive(session), pingMs).unref();
  session.once("close", () => {
    forget(session);
    clearInterval(heart);
  });
  return session;
}

function keepAlive(session: ClientHttp2Session): void {
  if (session.connecting || !isOpen(session)) return;
  const lost = setTimeout(() => {
    session.destroy(new Error("The connection does not answer."), constants.NGHTTP2_CANCEL);
  }, pingMs).unref();
  if (!session.ping(() => clearTimeout(lost))) clearTimeout(lost);
}

function isOpen(session: ClientHttp2Session): boolean {
  return !session.closed && !session.destroyed;
}
