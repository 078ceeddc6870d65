import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { IdentityService } from "./contract.ts";
import { createMemoryStore, type SessionStore } from "./session-store.ts";

/** The tokens of one session, of which only the latest is good. */
export type TestSession = {
  readonly store: SessionStore;
  /** The access token that the server takes. */
  good: string;
  /** While true the session cannot be renewed. */
  ended: boolean;
  /** Identity's part of the server. */
  route(router: ConnectRouter): void;
  isGood(authorization: string | undefined): boolean;
};

/** A person who is signed in, with a token that the server takes for now. */
export function createTestSession(): TestSession {
  const store = createMemoryStore();
  const session: TestSession = {
    store,
    good: "access-0",
    ended: false,
    route: (router) =>
      void router.service(IdentityService, {
        refreshSession() {
          if (session.ended) throw new ConnectError("Ended.", Code.Unauthenticated);
          session.good = `access-${Number(session.good.split("-")[1]) + 1}`;
          const expireTime = timestampFromMs(Date.now() + 600_000);
          return {
            session: {
              accessToken: session.good,
              accessTokenExpireTime: expireTime,
              refreshToken: "r",
              sessionId: "s",
            },
          };
        },
      }),
    isGood: (authorization) => authorization === `Bearer ${session.good}`,
  };
  store.write({
    userId: "ada",
    email: "ada@example.org",
    sessionId: "s",
    accessToken: session.good,
    refreshToken: "r",
    expiresAtMs: Date.now() + 600_000,
  });
  return session;
}

/** Listens on a free loopback port and answers its address; 0 is any. */
export async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Closes it with every connection. */
export async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export function isRest(req: IncomingMessage): boolean {
  return req.url?.startsWith("/v1/") ?? false;
}
