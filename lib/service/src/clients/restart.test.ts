import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import pino from "pino";
import { expect, test } from "vitest";
import { EchoService } from "../echo-service.testing.ts";
import { recordRoutes } from "../recorded-routes.ts";
import { openOnePort } from "../server/one-port.ts";
import { createRpcHandler } from "../server/rpc-handler.ts";
import { createSessionManager } from "./http2-session.ts";
import { retryRefused } from "./retry-refused.ts";

const rpc = createRpcHandler(
  recordRoutes((router) =>
    router.service(EchoService, {
      read: async (req) => {
        await sleep(2);
        return req;
      },
    }),
  ),
  {
    interceptors: [],
    surface: "internal",
    log: pino({ level: "silent" }),
    shutdownSignal: new AbortController().signal,
  },
);

test("reads go on while the server behind restarts again and again, and nothing is left uncaught", async () => {
  const uncaught: unknown[] = [];
  process.on("uncaughtException", (error) => uncaught.push(error));
  let server = await openOnePort(["127.0.0.1"], 0, (req, res) => void rpc(req, res));
  using session = createSessionManager(server.url);
  const transport = createGrpcTransport({
    baseUrl: server.url,
    sessionManager: session,
    interceptors: [retryRefused()],
  });
  const client = createClient(EchoService, transport);
  let done = false;
  let calls = 0;
  const failures: string[] = [];
  const caller = async () => {
    while (!done) {
      await client.read({ size: 1n }).catch((error) => failures.push(String(error)));
      calls += 1;
    }
  };
  const callers = Array.from({ length: 8 }, caller);
  for (let n = 0; n < 10; n += 1) {
    await sleep(100);
    const { port } = server;
    await server.close(1_000);
    server = await openOnePort(["127.0.0.1"], port, (req, res) => void rpc(req, res));
  }
  done = true;
  await Promise.all(callers);
  await server.close(0);
  expect([failures, uncaught]).toEqual([[], []]);
  expect(calls).toBeGreaterThan(100);
  expect(ConnectError.from(await client.read({}).catch((error) => error)).code).toBe(Code.Unavailable);
});
