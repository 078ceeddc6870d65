import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, type ConnectRouter, createClient, type HandlerContext } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import type { HttpRoute } from "@lyceum/service";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gatewayConfig } from "./config.ts";
import type { Exchange } from "./credentials/exchange.ts";
import { createFront } from "./front.ts";
import { createMounts, listen, noExchange } from "./mounts.testing.ts";

const services = [FileService, IngestService];
const pageFolder = join(mkdtempSync(join(tmpdir(), "lyceum-page-")), "assets/dist");
let seen: Headers | undefined;

const routes = (router: ConnectRouter) => {
  router.service(FileService, {
    getFile: ({ fileId }, ctx: HandlerContext) => {
      seen = ctx.requestHeader;
      if (fileId === "none") throw new ConnectError("No such file.", Code.NotFound);
      return { file: { id: fileId, sizeBytes: 12n } };
    },
  });
  router.service(IngestService, {
    watchDocuments: async function* ({ fileIds }) {
      for (const fileId of fileIds) yield { document: { fileId } };
    },
  });
  // A careless process might mount it; the gateway must not care.
  router.service(FileInternalService, {});
};

const upload: HttpRoute = {
  method: "POST",
  path: "/v1/files",
  access: "public",
  operation: {},
  handle: async ({ req, res }) => {
    for await (const chunk of req) res.write(chunk);
    res.end("!");
  },
};

/** Knows one cookie. */
const exchange: Exchange = {
  ...noExchange,
  find: ({ value }) =>
    value === "good" ? { accessToken: "token-of-ada", scopes: [], untilMs: Number.POSITIVE_INFINITY } : undefined,
};

const openFront = (mounts: ReturnType<typeof createMounts>, folder = pageFolder) =>
  createFront(mounts, {
    exchange,
    config: gatewayConfig.parse({}),
    publicUrl: "http://localhost:8080",
    stopping: new AbortController().signal,
    pageFolder: folder,
  });
const hosted = createMounts({ services, local: routes, httpRoutes: [upload] });
const pointed = (url: string) => createMounts({ services: [], remote: routes, url });
let stack: AsyncDisposableStack;
let urls: { hosted: string; pointed: string; dead: string };

beforeAll(async () => {
  mkdirSync(join(pageFolder, "assets"), { recursive: true });
  writeFileSync(join(pageFolder, "index.html"), "<!doctype html><p>page</p>");
  writeFileSync(join(pageFolder, "assets/app-1a2b.js"), "console.log(1)");
  stack = new AsyncDisposableStack();
  const behind = stack.use(await listen((req, res) => void (hosted.rpc(req, res) || hosted.http(req, res))));
  const open = async (mounts: typeof hosted) => stack.use(await listen(stack.use(openFront(mounts)).request)).url;
  urls = {
    hosted: await open(hosted),
    pointed: await open(pointed(behind.url)),
    dead: await open(pointed("http://127.0.0.1:9")),
  };
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  rmSync(join(pageFolder, "../.."), { recursive: true });
});
beforeEach(() => {
  seen = undefined;
});

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
};

describe.each(Object.entries(transports))("%s", (_, createTransport) => {
  test.each(["hosted", "pointed"] as const)("reaches services that are %s", async (where) => {
    const transport = createTransport(urls[where]);
    const { file } = await createClient(FileService, transport).getFile({ fileId: "7" });
    expect(file).toMatchObject({ id: "7", sizeBytes: 12n });
    const ids: unknown[] = [];
    for await (const { document } of createClient(IngestService, transport).watchDocuments({ fileIds: ["a", "b"] })) {
      ids.push(document?.fileId);
    }
    expect(ids).toEqual(["a", "b"]);
    const failed = createClient(FileService, transport).getFile({ fileId: "none" });
    await expect(failed).rejects.toMatchObject({ code: Code.NotFound, rawMessage: "No such file." });
  });

  test("says unavailable where the process can't be reached, in unary calls and streams", async () => {
    const transport = createTransport(urls.dead);
    const unary = createClient(FileService, transport).getFile({ fileId: "7" });
    await expect(unary).rejects.toMatchObject({ code: Code.Unavailable });
    const stream = createClient(IngestService, transport).watchDocuments({ fileIds: ["a"] });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: Code.Unavailable });
  });

  test.each(["hosted", "pointed"] as const)("knows only RPCs that exist where services are %s", async (where) => {
    const transport = createTransport(urls[where]);
    const elsewhere = createClient(RagService, transport).getAnswer({ answerId: "7" });
    await expect(elsewhere).rejects.toMatchObject({ code: Code.Unimplemented });
    const unwritten = createClient(FileService, transport).listFiles({});
    await expect(unwritten).rejects.toMatchObject({ code: Code.Unimplemented });
  });
});

test("never forwards an internal service", async () => {
  const client = createClient(
    FileInternalService,
    createConnectTransport({ baseUrl: urls.pointed, httpVersion: "1.1" }),
  );
  await expect(client.batchGetReadableFiles({ fileIds: ["1"] })).rejects.toMatchObject({
    code: Code.Unimplemented,
    rawMessage: "/lyceum.files.v1.FileInternalService/BatchGetReadableFiles is not implemented.",
  });
});

describe.each(["hosted", "pointed"] as const)("REST to services that are %s", (where) => {
  test("answers", async () => {
    const response = await fetch(`${urls[where]}/v1/files/7`);
    expect(response.headers.get("lyceum-trace-id")).toMatch(/^[0-9a-f]{32}$/);
    expect(await response.json()).toMatchObject({
      file: { id: "7", sizeBytes: "12", state: "FILE_STATE_UNSPECIFIED" },
    });
  });

  test("streams", async () => {
    const headers = { accept: "text/event-stream" };
    const text = await (await fetch(`${urls[where]}/v1/documents:watch?fileIds=a&file_ids=b`, { headers })).text();
    expect(text.match(/^event: document$/gm)).toHaveLength(2);
  });

  test("names problems with the trace of the request", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const response = await fetch(`${urls[where]}/v1/files/none`, { headers: { traceparent } });
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(await response.json()).toMatchObject({ code: "not_found", traceId: "0af7651916cd43dd8448eb211c80319c" });
    expect(seen?.get("traceparent")).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  });
});

test("speaks REST over HTTP/2 too: answers, streams, problems, bodies that are too large", async () => {
  const session = connect(urls.hosted);
  const send = async (method: string, path: string, body?: Buffer) => {
    const stream = session.request(
      { ":method": method, ":path": path, accept: "text/event-stream" },
      { endStream: !body },
    );
    const response = once(stream, "response");
    if (body) stream.end(body);
    const [headers] = await response;
    let text = "";
    for await (const chunk of stream) text += chunk;
    return { status: headers[":status"], text };
  };
  expect(await send("GET", "/v1/files/7")).toMatchObject({ status: 200, text: expect.stringContaining('"id":"7"') });
  expect(await send("HEAD", "/v1/files/7")).toEqual({ status: 200, text: "" });
  expect((await send("GET", "/v1/documents:watch?fileIds=a")).text).toMatch(/^event: document\n/);
  expect(await send("GET", "/v1/files/none")).toMatchObject({ status: 404 });
  expect(await send("POST", "/v1/files/7/grants", Buffer.alloc(6_000_000, " "))).toMatchObject({ status: 413 });
  session.close();
});

test.each(["hosted", "pointed"] as const)("serves plain HTTP of services that are %s", async (where) => {
  const answer = await fetch(`${urls[where]}/v1/files?name=x`, { method: "POST", body: "bytes" });
  expect(await answer.text()).toBe("bytes!");
  const wrong = await fetch(`${urls[where]}/v1/files`, { method: "PUT" });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
});

test("answers a problem for plain HTTP of a service that can't be reached", async () => {
  const answer = await fetch(`${urls.dead}/v1/files?name=x`, { method: "POST", body: "bytes" });
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: "unavailable" }]);
});

test("lets no service token in, and other tokens through", async () => {
  const tokenFor = (aud: string) => `Bearer e30.${Buffer.from(JSON.stringify({ aud })).toString("base64url")}.c2ln`;
  const authorizations = [tokenFor("lyceum"), tokenFor("files"), "Bearer opaque", "Bearer a.%%%.b"];
  const passed: (string | null | undefined)[] = [];
  for (const authorization of authorizations) {
    await fetch(`${urls.hosted}/lyceum.files.v1.FileService/GetFile`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: '{"fileId":"7"}',
    });
    passed.push(seen?.get("authorization"));
  }
  expect(passed).toEqual([authorizations[0], null, authorizations[2], null]);
});

test.each(["hosted", "pointed"] as const)("shows no session's cookie to services that are %s", async (where) => {
  const passed: unknown[] = [];
  for (const cookie of [
    "lyceum-session=good",
    "a=b; lyceum-session=good",
    "lyceum-session=good; lyceum-session=evil; c=d",
    "lyceum-session=; lyceum-session=good",
  ]) {
    for (const [path, body] of [
      ["/lyceum.files.v1.FileService/GetFile", '{"fileId":"7"}'],
      ["/v1/files/7", undefined],
    ] as const) {
      const headers = { cookie, origin: "http://localhost:8080", "content-type": "application/json" };
      const answer = await fetch(urls[where] + path, { headers, ...(body && { method: "POST", body }) });
      passed.push([answer.status, seen?.get("authorization"), seen?.get("cookie")]);
    }
  }
  const token = "Bearer token-of-ada";
  const withToken = [null, null, "a=b", "a=b", "c=d", "c=d"].map((cookie) => [200, token, cookie]);
  expect(passed).toEqual([...withToken, [200, null, null], [200, null, null]]);
});

test("describes what exists", async () => {
  const response = await fetch(`${urls.hosted}/openapi.json`);
  const { openapi, paths } = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  };
  expect(openapi).toBe("3.1.0");
  expect(paths["/v1/files"]?.get).toMatchObject({ operationId: "FileService_ListFiles" });
  expect(Object.keys(paths)).not.toContain("/v1/auth/sign-up");
});

describe("the page", () => {
  const navigate = { headers: { accept: "text/html,*/*" } };

  test("is index.html at its own path and at any that people navigate to", async () => {
    for (const path of ["/", "/library", "/files/7?page=2"]) {
      const response = await fetch(urls.hosted + path, navigate);
      expect(await response.text()).toContain("<p>page</p>");
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("has assets that are cached for ever, zipped", async () => {
    const response = await fetch(`${urls.hosted}/assets/app-1a2b.js`, { headers: { "accept-encoding": "gzip" } });
    expect(await response.text()).toBe("console.log(1)");
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("cache-control")).toContain("immutable");
    const etag = response.headers.get("etag") ?? "";
    expect((await fetch(`${urls.hosted}/assets/app-1a2b.js`, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test("is never the answer to an API path, a missing asset, or a fetch", async () => {
    for (const path of [
      "/v1/nothing",
      "/v1",
      "/v1/files/7:burn",
      "/.well-known/x",
      "/lyceum.files.v1.FileService",
      "/assets/x.js",
    ]) {
      const response = await fetch(urls.hosted + path, navigate);
      expect([path, response.status, response.headers.get("content-type")]).toEqual([
        path,
        404,
        "application/problem+json",
      ]);
    }
    expect((await fetch(`${urls.hosted}/library`)).status).toBe(404);
    const rpc = await fetch(`${urls.hosted}/lyceum.files.v1.FileService/Nothing`, { method: "POST", ...navigate });
    expect([rpc.status, await rpc.json()]).toEqual([501, expect.objectContaining({ code: "unimplemented" })]);
    const post = await fetch(`${urls.hosted}/library`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("keeps to its folder", async () => {
    for (const path of ["/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/%00.js", "/%zz.js"]) {
      expect((await fetch(urls.hosted + path)).status).toBe(404);
    }
  });

  test("says how to build it where it is missing", async () => {
    await using server = await listen(openFront(hosted, join(pageFolder, "nowhere")).request);
    const response = await fetch(server.url, navigate);
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining("npm run build")]);
  });
});
