import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type Transport,
} from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Echo, EchoService } from "../echo-service.testing.ts";
import { fail } from "../errors.ts";
import { limits } from "../limits.ts";
import { recordRoutes, routeKey } from "../recorded-routes.ts";
import { type OnePort, openOnePort } from "../server/one-port.ts";
import { createRpcHandler } from "../server/rpc-handler.ts";
import { createUnaryHandler } from "../server/unary-handler.ts";
import { createSessionManager } from "./http2-session.ts";
import { createInProcessTransport } from "./in-process.ts";

// What handlers have noticed, by the text of the request.
const noticed = new Map<string, string[]>();
const notice = (text: string, what: string) => noticed.set(text, [...(noticed.get(text) ?? []), what]);
const contexts = new Map<string, HandlerContext>();
const storage = new AsyncLocalStorage<string>();
const secretKey = createContextKey("none");
let kept: Echo | undefined;

async function say(req: Echo, ctx: HandlerContext) {
  contexts.set(req.text, ctx);
  switch (req.text.split(" ")[0]) {
    case "plain-error":
      throw new Error("a secret inside");
    case "error":
      ctx.responseHeader.set("x-header", "h");
      ctx.responseTrailer.set("x-trailer", "t");
      throw Object.assign(fail(Code.NotFound, "GONE", "It is gone.", { id: "7" }), {
        metadata: new Headers({ "x-meta": "m" }),
      });
    case "headers":
      ctx.responseHeader.set("x-header", ctx.requestHeader.get("x-sent") ?? "");
      ctx.responseTrailer.set("x-trailer", "t");
      return {};
    case "context":
      return { text: `${ctx.values.get(secretKey)} ${storage.getStore()}` };
    case "hang":
      await new Promise(() => {});
      return {};
    case "mutate":
      kept = req;
      req.words.push("by the handler");
      return req;
    case "large":
      return { data: new Uint8Array(limits.writeMaxBytes + 1) };
    default:
      return req;
  }
}

async function* watch(req: Echo, ctx: HandlerContext) {
  contexts.set(req.text, ctx);
  const [what, count] = req.text.split(" ");
  ctx.responseHeader.set("x-header", "h");
  ctx.responseTrailer.set("x-trailer", "t");
  try {
    if (what === "fail-first") throw fail(Code.NotFound, "GONE", "It is gone.");
    for (let n = 0; n < Number(count ?? 3); n += 1) {
      yield { size: BigInt(n) };
      notice(req.text, `${n}`);
      if (what === "slow") await sleep(20);
      if (what === "wait" && !ctx.signal.aborted) {
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      }
    }
    if (what === "fail-last") throw fail(Code.Aborted, "LATE", "Failed late.");
  } finally {
    notice(req.text, "finally");
  }
}

const mount = (router: ConnectRouter) =>
  router.service(EchoService, {
    say,
    watch,
    read: (req) => req,
    collect: async (requests, ctx) => {
      const words: string[] = [];
      ctx.responseTrailer.set("x-trailer", "t");
      for await (const { text } of requests) {
        words.push(text);
        if (text === "enough") break;
      }
      return { words };
    },
    talk: async function* (requests) {
      for await (const { text } of requests) yield { text: text.toUpperCase() };
    },
  });

const routes = recordRoutes(mount);
const replacing: Interceptor = (next) => (req) =>
  next(req.stream ? { ...req } : { ...req, message: { ...req.message } });
let port: OnePort;
let plainCalls = 0;
const baseUrl = () => port.url;

beforeAll(async () => {
  const options = {
    interceptors: [replacing],
    surface: "internal" as const,
    log: pino({ level: "silent" }),
    shutdownSignal: new AbortController().signal,
  };
  const plain = createUnaryHandler(routes, options);
  const rpc = createRpcHandler(routes, options);
  port = await openOnePort(["127.0.0.1"], 0, (req, res) => {
    if (plain(req, res)) plainCalls += 1;
    else rpc(req, res);
  });
});
afterAll(() => port.close(0));

const transports: Record<string, () => Transport> = {
  "in-process": () =>
    createInProcessTransport({
      find: (method) => routes.get(routeKey(method)) as MethodImplSpec,
      interceptors: [replacing],
      surface: "internal",
      limits,
    }),
  "Connect over HTTP/1.1": () =>
    createConnectTransport({ baseUrl: baseUrl(), httpVersion: "1.1", useBinaryFormat: true }),
  "Connect over HTTP/2": () => createConnectTransport({ baseUrl: baseUrl(), httpVersion: "2", useBinaryFormat: true }),
  gRPC: () => createGrpcTransport({ baseUrl: baseUrl(), sessionManager: createSessionManager(baseUrl()) }),
};

describe.each(Object.entries(transports))("%s", (name, createTransport) => {
  const client = () => createClient(EchoService, createTransport());
  // Over HTTP/1.1 a client that has gone is known by its silence.
  const soon = { timeout: name.includes("1.1") ? 9_000 : 1_000 };
  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(() => expect.fail("It did not fail."), ConnectError.from);
    expect(error).toBeInstanceOf(ConnectError);
    return error;
  };

  test("copies messages both ways, as their types say", async () => {
    const words = ["mine"];
    const sent = { text: "mutate", size: 5n, ratio: 0.1, words };
    const answer = await client().say(sent);
    expect(answer.words).toEqual(["mine", "by the handler"]);
    expect(words).toEqual(["mine"]);
    expect(answer).not.toBe(kept);
    expect([answer.size, answer.ratio]).toEqual([5n, Math.fround(0.1)]);
  });

  test("goes the short way for unary calls of Connect over HTTP/1.1 alone", async () => {
    const before = plainCalls;
    await client().say({ text: "short" });
    await failure(client().say({ text: "error" }));
    for await (const _ of client().watch({ text: "streams never do" }));
    expect(plainCalls - before).toBe(name === "Connect over HTTP/1.1" ? 2 : 0);
  });

  test("hides what a plain error says", async () => {
    const error = await failure(client().say({ text: "plain-error" }));
    expect([error.code, error.rawMessage]).toEqual([Code.Internal, "internal error"]);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("secret");
  });

  test("carries details and metadata of an error", async () => {
    const error = await failure(client().say({ text: "error" }));
    expect([error.code, error.rawMessage]).toEqual([Code.NotFound, "It is gone."]);
    expect(error.findDetails(ErrorInfoSchema)[0]).toMatchObject({ reason: "GONE", metadata: { id: "7" } });
    expect(["x-header", "x-trailer", "x-meta"].map((key) => error.metadata.get(key))).toEqual(["h", "t", "m"]);
  });

  test("carries headers and trailers", async () => {
    let header: Headers | undefined;
    let trailer: Headers | undefined;
    const headers = new Headers({ "x-sent": "s" });
    const onHeader = (got: Headers) => (header = got);
    const onTrailer = (got: Headers) => (trailer = got);
    await client().say({ text: "headers" }, { headers, onHeader, onTrailer });
    expect([header?.get("x-header"), trailer?.get("x-trailer")]).toEqual(["s", "t"]);
    contexts.get("headers")?.requestHeader.set("x-sent", "changed");
    expect(headers.get("x-sent")).toBe("s");
  });

  test("keeps the client's context values and async storage to the client", async () => {
    const contextValues = createContextValues().set(secretKey, "secret");
    const answer = await storage.run("leak", () => client().say({ text: "context" }, { contextValues }));
    expect(answer.text).toBe("none undefined");
  });

  test("ends a call at its deadline, even if the handler hangs", async () => {
    const start = performance.now();
    const error = await failure(client().say({ text: `hang deadline ${name}` }, { timeoutMs: 100 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect.poll(() => contexts.get(`hang deadline ${name}`)?.signal.aborted, soon).toBe(true);
    expect(contexts.get(`hang deadline ${name}`)?.timeoutMs()).toBeDefined();
  });

  test("ends a call when it is aborted, even if the handler hangs", async () => {
    const abort = new AbortController();
    const call = failure(client().say({ text: `hang abort ${name}` }, { signal: abort.signal }));
    await expect.poll(() => contexts.has(`hang abort ${name}`)).toBe(true);
    abort.abort();
    expect((await call).code).toBe(Code.Canceled);
    await expect.poll(() => contexts.get(`hang abort ${name}`)?.signal.aborted, soon).toBe(true);
  });

  test("refuses a call that is aborted before it begins", async () => {
    expect((await failure(client().say({}, { signal: AbortSignal.abort() }))).code).toBe(Code.Canceled);
  });

  test("aborts the handler's signal after a normal end", async () => {
    await client().say({ text: `end ${name}` });
    await expect.poll(() => contexts.get(`end ${name}`)?.signal.aborted, soon).toBe(true);
  });

  test("refuses messages that are too large, both ways", async () => {
    const request = await failure(client().say({ data: new Uint8Array(limits.readMaxBytes + 1) }));
    expect(request.code).toBe(Code.ResourceExhausted);
    const response = await failure(client().say({ text: "large" }));
    expect(response.code).toBe(Code.ResourceExhausted);
  });

  test("says unimplemented for RPCs that nobody wrote", async () => {
    expect((await failure(client().sayAsPerson({}))).code).toBe(Code.Unimplemented);
  });

  test("streams from the server, headers first", async () => {
    let header: Headers | undefined;
    let trailer: Headers | undefined;
    const onHeader = (got: Headers) => (header = got);
    const onTrailer = (got: Headers) => (trailer = got);
    const sizes: bigint[] = [];
    for await (const { size } of client().watch({ text: `count 3 ${name}` }, { onHeader, onTrailer })) {
      expect(header?.get("x-header")).toBe("h");
      sizes.push(size);
    }
    expect(sizes).toEqual([0n, 1n, 2n]);
    expect(trailer?.get("x-trailer")).toBe("t");
  });

  test("fails a stream before and after its messages", async () => {
    const read = async (text: string) => {
      const sizes: bigint[] = [];
      const error = await failure(
        (async () => {
          for await (const { size } of client().watch({ text })) sizes.push(size);
        })(),
      );
      return [error.code, error.findDetails(ErrorInfoSchema)[0]?.reason, sizes.length];
    };
    expect(await read("fail-first")).toEqual([Code.NotFound, "GONE", 0]);
    expect(await read("fail-last 2")).toEqual([Code.Aborted, "LATE", 2]);
  });

  test("lets a short stream end when its reader stops early", async () => {
    const text = `short 8 ${name}`;
    for await (const { size } of client().watch({ text })) if (size === 0n) break;
    await expect.poll(() => noticed.get(text), soon).toContain("finally");
    expect(noticed.get(text)).toContain("7");
  });

  test.each(["abort", "deadline"] as const)("ends a stream at its %s and runs its finally", async (how) => {
    const text = `wait 5 ${how} ${name}`;
    const abort = new AbortController();
    const options = how === "abort" ? { signal: abort.signal } : { timeoutMs: 200 };
    const stream = client().watch({ text }, options)[Symbol.asyncIterator]();
    expect((await stream.next()).value?.size).toBe(0n);
    abort.abort();
    const error = await failure(stream.next());
    expect(error.code).toBe(how === "abort" ? Code.Canceled : Code.DeadlineExceeded);
    await expect.poll(() => noticed.get(text), soon).toContain("finally");
  });

  test("streams from the client, to the end and no further than the handler reads", async () => {
    const texts = async function* (list: string[]) {
      for (const text of list) yield { text };
    };
    expect((await client().collect(texts(["a", "b"]))).words).toEqual(["a", "b"]);
    expect((await client().collect(texts(["a", "enough", "c"]))).words).toEqual(["a", "enough"]);
  });

  test.skipIf(name.includes("1.1"))("streams both ways at once", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const talk = async function* () {
      yield { text: "a" };
      await promise;
      yield { text: "b" };
    };
    const heard: string[] = [];
    for await (const { text } of client().talk(talk())) {
      heard.push(text);
      resolve();
    }
    expect(heard).toEqual(["A", "B"]);
  });
});
