import { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, RequestInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { startServices, type TestProcess } from "@lyceum/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Front, HttpRoute, Mounts } from "./define-service.ts";
import { defineEcho } from "./echo-definition.testing.ts";
import { EchoInternalService, EchoService } from "./echo-service.testing.ts";
import { fail } from "./errors.ts";
import { limits } from "./limits.ts";

const routes: HttpRoute[] = [
  {
    method: "GET",
    path: "/v1/echo/{text}",
    access: "user",
    operation: {},
    handle: async ({ res, params, query, caller, traceId }) => {
      if (params.text === "fail") throw fail(Code.NotFound, "GONE", "It is gone.");
      res.end(JSON.stringify({ ...params, q: query.get("q"), kind: caller.kind, traceId }));
    },
  },
  {
    method: "GET",
    path: "/v1/slow",
    access: "user",
    operation: {},
    handle: ({ res, signal }) =>
      new Promise((resolve) => {
        res.write("begun");
        signal.addEventListener("abort", () => resolve());
      }),
  },
];

let lyceum: TestProcess;
beforeAll(async () => {
  lyceum = await startServices([defineEcho("files", { http: routes }), defineEcho("ingest")]);
});
afterAll(() => lyceum[Symbol.asyncDispose]());

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail("It did not fail."),
    (error) => ConnectError.from(error),
  );
const reasonOf = (error: ConnectError) => error.findDetails(ErrorInfoSchema)[0]?.reason;
const rpc = (name: string) => `/lyceum.files.v1.EchoService/${name}`;

const transports: Record<string, (baseUrl: string) => Transport> = {
  "Connect JSON over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect binary over HTTP/2": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true }),
  "gRPC-Web over HTTP/1.1": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC JSON over HTTP/2": (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
};

describe.each(Object.entries(transports))("%s through the one port", (_, createTransport) => {
  const client = () => createClient(EchoService, createTransport(lyceum.url));

  test("answers calls and streams", async () => {
    expect(await client().say({ text: "hello", size: 7n })).toMatchObject({ text: "hello", size: 7n });
    const texts: string[] = [];
    for await (const { text } of client().watch({ text: "short" })) texts.push(text);
    expect(texts).toEqual(["short"]);
  });

  test("names the field that is out of its limits", async () => {
    const error = await failureOf(client().say({ text: "x".repeat(101) }));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(error.findDetails(ViolationsSchema)[0]?.violations[0]?.field?.elements[0]?.fieldName).toBe("text");
    expect(error.findDetails(RequestInfoSchema)[0]?.requestId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("keeps the inside of a bug to itself, and says which calls may be repeated", async () => {
    const bug = await failureOf(client().say({ text: "bug" }));
    expect([bug.code, bug.rawMessage]).toEqual([Code.Internal, "Something failed inside."]);
    expect((await failureOf(client().say({ text: "away" }))).code).toBe(Code.Unavailable);
    expect(reasonOf(await failureOf(client().say({ text: "fail" })))).toBe("GONE");
  });

  test("refuses a message over the limit", async () => {
    const error = await failureOf(client().say({ data: new Uint8Array(limits.readMaxBytes + 1) }));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect((await client().say({ text: "after" })).text).toBe("after");
  });
});

describe("malformed requests", () => {
  const post = (path: string, contentType: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
    fetch(lyceum.url + path, {
      method: "POST",
      headers: { "content-type": contentType, ...headers },
      body: body as BodyInit,
    });
  const envelope = (bytes: Uint8Array, flags = 0) => {
    const head = Buffer.alloc(5, flags);
    head.writeUInt32BE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  };
  const noMessage = Buffer.from([0x0a, 0xff]);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

  test.each([
    ["application/proto", noMessage, {}],
    ["application/json", "{", {}],
    ["application/json", '{"size": []}', {}],
    ["application/json", "", {}],
    ["application/proto", Buffer.from("no gzip"), { "content-encoding": "gzip" }],
    ["application/proto", bomb.subarray(0, 1000), { "content-encoding": "gzip" }],
  ])("are invalid_argument in Connect: %s %s", async (contentType, body, headers) => {
    const response = await post(rpc("Say"), contentType, body, headers);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ code: "invalid_argument" }),
    ]);
  });

  test("that are too large are read to their end, so that the next one on the connection is answered", async () => {
    const { hostname, port } = new URL(lyceum.url);
    const socket = createConnection(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let heard = "";
    socket.on("data", (chunk) => (heard += chunk));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(limits.readMaxBytes + 1, 1);
    const ask = (body: number) =>
      `POST ${rpc("Say")} HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: ${body}\r\n\r\n`;
    socket.write(ask(head.length + limits.readMaxBytes + 1));
    socket.write(head);
    await expect.poll(() => heard).toContain("grpc-status: 8");
    socket.write(Buffer.alloc(limits.readMaxBytes + 1));
    socket.write(ask(head.length));
    socket.write(envelope(Buffer.alloc(0)));
    await expect.poll(() => heard).toContain("grpc-status: 0");
  });

  test.each(["application/grpc-web+proto", "application/grpc-web+json"])("are invalid_argument in %s", async (type) => {
    const text = await (await post(rpc("Say"), type, envelope(noMessage))).text();
    expect(text).toContain("grpc-status: 3");
    expect(await (await post(rpc("Say"), type, envelope(noMessage).subarray(0, 3))).text()).toContain("grpc-status: 3");
  });

  test("are invalid_argument in streams", async () => {
    const text = await (await post(rpc("Watch"), "application/connect+proto", envelope(noMessage))).text();
    expect(text).toContain('"invalid_argument"');
  });

  test.each([
    ["gzip", bomb],
    ["br", brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
  ])("that are %s bombs are resource_exhausted", async (encoding, body) => {
    const response = await post(rpc("Say"), "application/proto", body, { "content-encoding": encoding });
    expect([response.status, await response.json()]).toEqual([
      429,
      expect.objectContaining({ code: "resource_exhausted" }),
    ]);
  });

  test("by GET are refused, and well-formed ones answered", async () => {
    const get = (query: string) => fetch(`${lyceum.url}${rpc("Read")}?${query}`);
    const message = encodeURIComponent('{"text":"hello"}');
    const good = await get(`connect=v1&encoding=json&message=${message}`);
    expect(await good.json()).toEqual({ text: "hello", size: "0", ratio: 0, data: "", words: [] });
    expect((await get("connect=v1&encoding=proto&base64=1&message=%25%25%25")).status).toBe(400);
    expect((await get("connect=v1&encoding=json&message=%7B")).status).toBe(400);
  });

  test("with a foreign content type, method or deadline are no failure of the server", async () => {
    expect((await post(rpc("Say"), "text/plain", "x")).status).toBe(415);
    expect((await fetch(lyceum.url + rpc("Say"))).status).toBe(405);
    expect((await post(rpc("Say"), "application/json", "{}", { "connect-timeout-ms": "soon" })).status).toBe(400);
    expect((await post(rpc("Say"), "application/json", "{}", { "content-encoding": "zstd" })).status).toBe(501);
  });
});

describe("who may call", () => {
  const calls = ["say", "sayAsPerson", "sayAsTeacher", "sayAsService", "sayToNobody"] as const;
  const codes = (client: ReturnType<typeof lyceum.client<typeof EchoService>>) =>
    Promise.all(
      calls.map((call) =>
        client[call]({}).then(
          () => "ok",
          (error) => Code[ConnectError.from(error).code],
        ),
      ),
    );
  const authorized = (authorization: string) =>
    createClient(
      EchoService,
      createConnectTransport({
        baseUrl: lyceum.url,
        httpVersion: "1.1",
        interceptors: [
          (next) => (req) => {
            req.header.set("authorization", authorization);
            return next(req);
          },
        ],
      }),
    );
  const { Unauthenticated, PermissionDenied } = {
    Unauthenticated: "Unauthenticated",
    PermissionDenied: "PermissionDenied",
  };

  test("is the access rule's word: an RPC without one admits nobody", async () => {
    expect(await codes(lyceum.client(EchoService))).toEqual(
      ["ok", ...Array(4).fill(Unauthenticated)].with(4, PermissionDenied),
    );
    const person = lyceum.client(EchoService, { person: {} });
    expect(await codes(person)).toEqual(["ok", "ok", PermissionDenied, PermissionDenied, PermissionDenied]);
    const teacher = lyceum.client(EchoService, { person: { roles: ["teacher"] } });
    expect(await codes(teacher)).toEqual(["ok", "ok", "ok", PermissionDenied, PermissionDenied]);
  });

  test("is known of services by a token made for the callee", async () => {
    const tokenOf = async (service: "files" | "ingest", callee: "files" | "rag") =>
      new Headers((await lyceum.host(service).clients.asService(callee, { onBehalfOf: "u1" })).headers).get(
        "authorization",
      ) ?? "";
    const ingest = authorized(await tokenOf("ingest", "files"));
    expect(await codes(ingest)).toEqual(["ok", PermissionDenied, PermissionDenied, "ok", PermissionDenied]);
    expect(JSON.parse((await ingest.sayAsService({ text: "caller" })).text)).toEqual({
      kind: "service",
      service: "ingest",
      onBehalfOf: "u1",
    });
    expect(await codes(authorized(await tokenOf("files", "files")))).toContain(PermissionDenied);
    expect((await codes(authorized(await tokenOf("ingest", "rag"))))[3]).toBe(Unauthenticated);
  });

  test("is nobody by a token that is not valid, and then public RPCs still answer", async () => {
    const good = await lyceum.tokenFor();
    const [head, body, signature] = good.split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${body}.`;
    const other = `${head}.${Buffer.from('{"aud":"lyceum","sub":"x","sid":"y"}').toString("base64url")}.${signature}`;
    for (const authorization of [`Bearer ${unsigned}`, `Bearer ${other}`, "Bearer x", "Basic abc", "Bearer "]) {
      expect(await codes(authorized(authorization))).toEqual(["ok", ...Array(4).fill(Unauthenticated)]);
    }
    expect((await codes(authorized(`bearer ${good}`)))[1]).toBe("ok");
  });

  test("stays the same person through another service", async () => {
    const person = { userId: "u7", sessionId: "s7", roles: ["teacher"] };
    const { text } = await lyceum.client(EchoService, { person }).sayAsPerson({ text: "forward" });
    expect(JSON.parse(text)).toEqual({ kind: "person", ...person });
  });
});

describe("a session that ends", () => {
  const end = (sessionId: string) => lyceum.publish(sessionRevoked({ sessionId, userId: "u1", version: 2 }));

  test.each(["in-process", "HTTP"])("cuts its streams and refuses its calls within 2 s, %s", async (how) => {
    const person = { sessionId: `ending ${how}` };
    const token = await lyceum.tokenFor(person);
    const client =
      how === "HTTP"
        ? createClient(EchoService, createConnectTransport({ baseUrl: lyceum.url, httpVersion: "1.1" }))
        : lyceum.client(EchoService);
    const headers = { authorization: `Bearer ${token}` };
    const other = lyceum.client(EchoService, { person: {} }).watchAsPerson({})[Symbol.asyncIterator]();
    const stream = client.watchAsPerson({}, { headers })[Symbol.asyncIterator]();
    await Promise.all([stream.next(), other.next()]);
    const start = performance.now();
    await end(person.sessionId);
    const error = await failureOf(stream.next());
    expect([error.code, reasonOf(error)]).toEqual([Code.Unauthenticated, "SESSION_REVOKED"]);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(reasonOf(await failureOf(client.sayAsPerson({}, { headers })))).toBe("SESSION_REVOKED");
    expect(await Promise.race([other.next(), "still open"])).toBe("still open");
  });

  test("cuts its plain HTTP answers", async () => {
    const sessionId = "ending download";
    const response = await lyceum.fetch("/v1/slow", { person: { sessionId } });
    await end(sessionId);
    await expect(response.text()).rejects.toThrow();
  });
});

describe("plain HTTP routes", () => {
  test("get parameters, query and caller, and answer with problems", async () => {
    const good = await lyceum.fetch("/v1/echo/a%2Fb?q=1", { person: {} });
    expect(await good.json()).toMatchObject({ text: "a/b", q: "1", kind: "person" });
    const failed = await lyceum.fetch("/v1/echo/fail", { person: {} });
    expect([failed.status, failed.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(await failed.json()).toMatchObject({ reason: "GONE", code: "not_found" });
    expect((await lyceum.fetch("/v1/echo/x")).status).toBe(401);
    expect((await lyceum.fetch("/v1/echo/%zz", { person: {} })).status).toBe(200);
    expect((await lyceum.fetch("/v1/unknown")).status).toBe(404);
  });

  test("tell of health", async () => {
    expect((await lyceum.fetch("/healthz")).status).toBe(200);
    const ready = await lyceum.fetch("/readyz");
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", lost: [] }]);
    const all = await (await lyceum.fetch("/readyz?verbose")).json();
    expect(all).toMatchObject({
      status: "ready",
      services: ["files", "ingest"],
      version: expect.stringMatching(/^\d/),
    });
    expect(all.engines).toContainEqual({
      name: "the event log",
      provider: "Postgres",
      service: undefined,
      answers: true,
    });
  });
});

test("the front gets public RPCs only, and refuses service tokens", async () => {
  let mounts: Mounts | undefined;
  const front = (given: Mounts) => {
    mounts = given;
    const request: Front["request"] = (req, res) => {
      if (!given.rpc(req, res) && !given.http(req, res)) res.writeHead(418).end();
    };
    return { request, upgrade: (_req: unknown, socket: Duplex) => void socket.destroy() };
  };
  await using process = await startServices([
    defineEcho("gateway", { front }),
    defineEcho("files"),
    defineEcho("ingest"),
  ]);
  expect(mounts?.services).toEqual([EchoService]);
  const post = (service: string, headers: Record<string, string> = {}) =>
    process.fetch(`/lyceum.files.v1.${service}/SayAsService`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: "{}",
    });
  expect((await post("EchoInternalService")).status).toBe(418);
  const { headers } = await process.host("ingest").clients.asService("files");
  const authorization = new Headers(headers).get("authorization") ?? "";
  expect((await post("EchoService", { authorization })).status).toBe(401);
  const publicCall = mounts?.clients.of(EchoService).sayAsService({}, { headers: { authorization } });
  expect((await failureOf(publicCall as Promise<unknown>)).code).toBe(Code.Unauthenticated);
  const inside = process
    .host("ingest")
    .clients.of(EchoInternalService)
    .sayAsService({}, { headers: { authorization } });
  await expect(inside).resolves.toBeDefined();
});

test("stopping ends calls, streams and silent connections within 15 s, and finishes what is quick", async () => {
  const process = await startServices([defineEcho("files", { http: routes })]);
  const { hostname, port } = new URL(process.url);
  const silent = createConnection(Number(port), hostname);
  const preface = createConnection(Number(port), hostname, () => preface.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  for (const socket of [silent, preface]) socket.on("error", () => {}).resume();
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: process.url }));
  const idle = createClient(EchoService, createConnectTransport({ baseUrl: process.url, httpVersion: "1.1" }));
  await idle.say({});
  const stream = client.watch({})[Symbol.asyncIterator]();
  await stream.next();
  const hanging = failureOf(idle.say({ text: "hang" }));
  const cut = failureOf(stream.next());
  const quick = client.say({ text: "slow" });
  const download = process.fetch("/v1/slow", { person: {} });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const start = performance.now();
  await process[Symbol.asyncDispose]();
  expect(performance.now() - start).toBeLessThan(10_000);
  expect((await quick).text).toBe("slow");
  expect((await hanging).code).toBe(Code.Unavailable);
  expect((await cut).code).toBe(Code.Unavailable);
  await expect(download.then((response) => response.text())).rejects.toThrow();
  await expect(fetch(`${process.url}/healthz`)).rejects.toThrow();
});
