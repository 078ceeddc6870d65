import type { Http2ServerRequest } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { eventually } from "@lyceum/testing";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { EchoService } from "../echo-service.testing.ts";
import { recordRoutes } from "../recorded-routes.ts";
import { openOnePort } from "../server/one-port.ts";
import { createRpcHandler } from "../server/rpc-handler.ts";
import { createSessionManager } from "./http2-session.ts";
import { retryCalls } from "./retry-calls.ts";

const options = {
  interceptors: [],
  surface: "internal" as const,
  log: pino({ level: "silent" }),
  shutdownSignal: new AbortController().signal,
};
const rpc = createRpcHandler(
  recordRoutes((router) =>
    router.service(EchoService, {
      read: async (req) => {
        await sleep(2);
        return req;
      },
    }),
  ),
  options,
);

/** What would have ended the process. */
function watchUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", note);
  onTestFinished(() => void process.off("uncaughtException", note));
  return uncaught;
}

test("reads go on while the server behind restarts again and again, and nothing is left uncaught", async () => {
  const uncaught = watchUncaught();
  let server = await openOnePort(["127.0.0.1"], 0, (req, res) => void rpc(req, res));
  using session = createSessionManager(server.url);
  const transport = createGrpcTransport({
    baseUrl: server.url,
    sessionManager: session,
    interceptors: [retryCalls("files")],
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
  for (let n = 1; n <= 10; n += 1) {
    await eventually(() => expect(calls).toBeGreaterThan(n * 20));
    const { port } = server;
    await server.close(1_000);
    server = await openOnePort(["127.0.0.1"], port, (req, res) => void rpc(req, res));
  }
  done = true;
  await Promise.all(callers);
  await server.close(0);
  expect([failures, uncaught]).toEqual([[], []]);
  expect(ConnectError.from(await client.read({}).catch((error) => error)).code).toBe(Code.Unavailable);
});

test("2,000 calls that change something are each done once while every fifth is answered with GOAWAY", async () => {
  const uncaught = watchUncaught();
  const done = new Map<string, number>();
  let answered = 0;
  const say = recordRoutes((router) =>
    router.service(EchoService, {
      say: (req) => {
        done.set(req.text, (done.get(req.text) ?? 0) + 1);
        return req;
      },
    }),
  );
  const rpc = createRpcHandler(say, options);
  const server = await openOnePort(["127.0.0.1"], 0, (req, res) => {
    answered += 1;
    if (answered % 5 === 0) (req as unknown as Http2ServerRequest).stream.session?.goaway();
    rpc(req, res);
  });
  using session = createSessionManager(server.url);
  const interceptors = [retryCalls("files")];
  const client = createClient(
    EchoService,
    createGrpcTransport({ baseUrl: server.url, sessionManager: session, interceptors }),
  );
  const failures: string[] = [];
  let next = 0;
  const caller = async () => {
    while (next < 2_000) {
      const text = `${next++}`;
      await client.say({ text }).catch((error) => failures.push(String(error)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  await server.close(0);
  expect([failures, uncaught]).toEqual([[], []]);
  expect([done.size, [...done.values()].filter((times) => times !== 1)]).toEqual([2_000, []]);
});
