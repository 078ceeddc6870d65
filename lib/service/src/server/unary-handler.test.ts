import { type IncomingHttpHeaders, request } from "node:http";
import { gzipSync } from "node:zlib";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, type HandlerContext } from "@connectrpc/connect";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRevocations } from "../auth/revocations.ts";
import { type Echo, EchoService } from "../echo-service.testing.ts";
import { fail } from "../errors.ts";
import { createInterceptors } from "../interceptors/index.ts";
import { limits } from "../limits.ts";
import { recordRoutes } from "../recorded-routes.ts";
import { type OnePort, openOnePort } from "./one-port.ts";
import { createRpcHandler } from "./rpc-handler.ts";
import { createUnaryHandler } from "./unary-handler.ts";

const say = async (req: Echo, ctx: HandlerContext): Promise<MessageInitShape<typeof EchoService.method.say.output>> => {
  ctx.responseHeader.append("x-header", "h");
  ctx.responseHeader.append("set-cookie", "a=1");
  ctx.responseHeader.append("set-cookie", "b=2");
  ctx.responseTrailer.set("x-trailer", "t");
  if (req.text === "error") throw fail(Code.NotFound, "GONE", "It is gone.", { id: "7" });
  if (req.text === "bug") throw new Error("a secret inside");
  if (req.text === "hang") await new Promise(() => {});
  if (req.text === "long") return { words: Array.from({ length: 500 }, (_, n) => `${n}`) };
  if (req.text === "large") return { data: new Uint8Array(limits.writeMaxBytes + 1) };
  return { text: req.text, size: req.size };
};
const routes = recordRoutes((router) =>
  router.service(EchoService, { say, sayAsPerson: say, watch: async function* () {} }),
);
const authenticator = {
  authenticate: async (token: string) => {
    if (token !== "good") throw fail(Code.Unauthenticated, "TOKEN_INVALID", "The access token is not valid.");
    return { kind: "person" as const, userId: "u", sessionId: "s", roles: [] };
  },
};

let port: OnePort;
const shutdown = new AbortController();
const served: ("short" | "long")[] = [];
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const interceptors = createInterceptors(log, authenticator, createRevocations(1));
  const options = { interceptors, surface: "public" as const, log, shutdownSignal: shutdown.signal };
  const plain = createUnaryHandler(routes, options);
  const rpc = createRpcHandler(routes, options);
  port = await openOnePort(["127.0.0.1"], 0, (req, res) => {
    const short = plain(req, res);
    served.push(short ? "short" : "long");
    if (!short && !rpc(req, res)) res.writeHead(404).end();
  });
});
afterAll(() => port.close(0));

type Call = { rpc?: string; query?: string; headers?: Record<string, string>; body?: string | Uint8Array };
type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string };

function send({ rpc = "Say", query = "", headers, body = "" }: Call): Promise<Answer> {
  const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00";
  return new Promise((resolve, reject) => {
    const req = request(`${port.url}/lyceum.files.v1.EchoService/${rpc}${query}`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent, ...headers },
    });
    req.on("error", reject).on("response", async (res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of res) chunks.push(chunk);
      const { date: _, ...answered } = res.headers;
      resolve({ status: res.statusCode, headers: answered, body: Buffer.concat(chunks).toString("latin1") });
    });
    req.end(body);
  });
}

/** Everything that is to be seen of a call from outside and in the log, and who served it. */
async function observe(call: Call) {
  served.length = lines.length = 0;
  const answer = await send(call);
  await expect.poll(() => lines.length).toBe(1);
  const { durationMs, err, ...line } = lines[0] as Record<string, unknown>;
  return { by: [...served], outcome: { answer, line: { ...line, durationIs: typeof durationMs, hasError: !!err } } };
}

const proto = { "content-type": "application/proto" };
const echo = (text: string) => toBinary(EchoService.method.say.input, create(EchoService.method.say.input, { text }));
const chunked = { "transfer-encoding": "chunked" };

const calls: Record<string, [Call, status: number]> = {
  "an answer in JSON": [{ body: '{"text":"é","size":"9"}' }, 200],
  "an answer in binary": [{ headers: proto, body: echo("é") }, 200],
  "no text at all": [{ headers: proto }, 200],
  "an unknown field": [{ body: '{"new":1}' }, 200],
  "a body in chunks": [{ headers: chunked, body: '{"text":"a"}' }, 200],
  "an answer worth compressing": [{ headers: { "accept-encoding": "br, gzip" }, body: '{"text":"long"}' }, 200],
  "an answer not to be compressed": [{ body: '{"text":"long"}' }, 200],
  "a protocol version": [{ headers: { "connect-protocol-version": "1" }, body: "{}" }, 200],
  "no encoding": [{ headers: { "content-encoding": "identity" }, body: "{}" }, 200],
  "a person": [{ rpc: "SayAsPerson", headers: { authorization: "Bearer good" }, body: "{}" }, 200],
  nobody: [{ rpc: "SayAsPerson", body: "{}" }, 401],
  "a false token": [{ rpc: "SayAsPerson", headers: { authorization: "Bearer bad" }, body: "{}" }, 401],
  "an RPC that nobody wrote": [{ rpc: "SayAsTeacher", body: "{}" }, 401],
  "an error with details": [{ body: '{"text":"error"}' }, 404],
  "an error with details, in binary": [{ headers: proto, body: echo("error") }, 404],
  "a bug": [{ body: '{"text":"bug"}' }, 500],
  "a field out of its limits": [{ body: JSON.stringify({ text: "x".repeat(101) }) }, 400],
  "no JSON": [{ body: "{" }, 400],
  "an empty body": [{}, 400],
  "no message": [{ headers: proto, body: new Uint8Array([255]) }, 400],
  "a deadline that has no number": [{ headers: { "connect-timeout-ms": "soon" }, body: "{}" }, 400],
  "a deadline too late": [{ headers: { "connect-timeout-ms": "3600001" }, body: "{}" }, 400],
  "a deadline": [{ headers: { "connect-timeout-ms": "50" }, body: '{"text":"hang"}' }, 504],
  "a deadline that has passed": [{ headers: { "connect-timeout-ms": "0" }, body: "{}" }, 504],
  "a body too large, in chunks": [{ headers: chunked, body: `"${"x".repeat(limits.readMaxBytes)}"` }, 429],
  "an answer too large": [{ headers: proto, body: echo("large") }, 429],
};

test.each(Object.entries(calls))("%s comes to the same the short way and connect's", async (_, [call, status]) => {
  const short = await observe(call);
  const long = await observe({ ...call, query: "?unusual" });
  expect([short.by, long.by]).toEqual([["short"], ["long"]]);
  expect(short.outcome).toEqual(long.outcome);
  expect(short.outcome.answer.status).toBe(status);
});

const usual = { body: '{"text":"a"}' };
const unusual: Record<string, Call> = {
  "a charset": { ...usual, headers: { "content-type": "application/json; charset=utf-8" } },
  "a compressed body": { headers: { "content-encoding": "gzip" }, body: gzipSync(usual.body) },
  "a host that is no name": { ...usual, headers: { host: "[::1]:80" } },
};

test.each(Object.entries(unusual))("%s is left to connect, with the same answer", async (_, call) => {
  const { by, outcome } = await observe(call);
  expect(by).toEqual(["long"]);
  expect(JSON.parse(outcome.answer.body)).toEqual(JSON.parse((await send(usual)).body));
});

test("what is no plain call is left to connect", async () => {
  served.length = 0;
  const body = `"${"x".repeat(limits.readMaxBytes)}"`;
  expect((await send({ headers: { "content-length": `${body.length}` }, body })).status).toBe(429);
  expect((await send({ headers: { "content-type": "text/plain" } })).status).toBe(415);
  expect((await send({ rpc: "Watch" })).status).toBe(415);
  expect((await send({ rpc: "Unknown" })).status).toBe(404);
  expect(new Set(served)).toEqual(new Set(["long"]));
});

test("the end of the process ends running calls alike", async () => {
  const hang = { rpc: "SayAsPerson", headers: { authorization: "Bearer good" }, body: '{"text":"hang"}' };
  served.length = 0;
  const both = Promise.all([send(hang), send({ ...hang, query: "?unusual" })]);
  await expect.poll(() => served.length).toBe(2);
  shutdown.abort(fail(Code.Unavailable, "RESTARTING", "Lyceum restarts."));
  const [short, long] = await both;
  expect(short).toEqual(long);
  expect(short.status).toBe(503);
  expect((await send({ body: "{}" })).status).toBe(503);
});
