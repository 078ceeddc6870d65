import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:http2";
import { Code, type ConnectRouter, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import type { HttpRoute } from "@lyceum/service";
import { afterEach, describe, expect, test } from "vitest";
import { gatewayConfig } from "./config.ts";
import { createFront } from "./front.ts";
import { createMounts, listen, noExchange } from "./mounts.testing.ts";

const routes = (router: ConnectRouter) => {
  router.service(FileService, { getFile: ({ fileId }) => ({ file: { id: fileId } }) });
  router.service(IdentityService, { signIn: () => ({}), refreshSession: () => ({}), getJwks: () => ({}) });
  router.service(IngestService, {
    watchDocuments: async function* ({ fileIds }) {
      for (const fileId of fileIds) yield { document: { fileId } };
    },
  });
};
const content: HttpRoute = {
  method: "GET",
  path: "/v1/files/7/content",
  access: "public",
  operation: {},
  handle: async ({ res }) => void res.writeHead(200, { "content-security-policy": "sandbox" }).end("bytes"),
};

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  stack = new AsyncDisposableStack();
});

/** A gateway as these variables make it. */
async function start(env: Record<string, string> = {}, publicUrl = "https://lyceum.example.org"): Promise<string> {
  const mounts = createMounts({
    services: [FileService, IdentityService, IngestService],
    local: routes,
    httpRoutes: [content],
  });
  const front = createFront(mounts, {
    exchange: noExchange,
    config: gatewayConfig.parse(env),
    publicUrl,
    stopping: new AbortController().signal,
    pageFolder: "/nowhere",
  });
  return stack.use(await listen(stack.use(front).request)).url;
}

describe("CORS", () => {
  const preflight = (url: string, path: string, origin: string, method: string, headers: string) =>
    fetch(url + path, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": headers },
    });
  const calls = [
    ["Connect", "/lyceum.files.v1.FileService/GetFile", "POST", "connect-protocol-version,connect-timeout-ms"],
    ["gRPC-Web", "/lyceum.files.v1.FileService/GetFile", "POST", "grpc-timeout,x-grpc-web,x-user-agent"],
    ["REST", "/v1/files/7", "DELETE", "authorization,content-type,traceparent"],
    ["ranges", "/v1/files/7/content", "GET", "authorization,range,if-range"],
    ["tus", "/v1/uploads", "POST", "tus-resumable,upload-length,upload-metadata,upload-offset,upload-checksum"],
  ] as const;

  test.each(calls)(
    "answers the preflight of %s for the page itself and allowed sites",
    async (_, path, method, headers) => {
      const url = await start({ LYCEUM_ALLOWED_ORIGINS: "https://school.example.org, https://lab.example.org:8443" });
      for (const origin of [
        "https://lyceum.example.org",
        "https://school.example.org",
        "https://lab.example.org:8443",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
      ]) {
        const answer = await preflight(url, path, origin, method, headers);
        expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
        expect(answer.headers.get("access-control-allow-methods")).toContain(method);
        const allowed = answer.headers.get("access-control-allow-headers")?.toLowerCase().split(/, */);
        expect(allowed).toEqual(expect.arrayContaining(headers.split(",")));
      }
    },
  );

  test("lets allowed sites read answers, errors included, and what tus needs of their headers", async () => {
    const url = await start({ LYCEUM_ALLOWED_ORIGINS: "https://school.example.org" });
    for (const path of ["/v1/files/7", "/v1/nothing", "/lyceum.files.v1.FileService/Nothing", "/openapi.json"]) {
      const { headers } = await fetch(url + path, { headers: { origin: "https://school.example.org" } });
      expect([path, headers.get("access-control-allow-origin")]).toEqual([path, "https://school.example.org"]);
      const exposed = headers.get("access-control-expose-headers")?.toLowerCase().split(/, */);
      const needed = [
        "tus-resumable",
        "upload-length",
        "upload-offset",
        "upload-metadata",
        "upload-checksum",
        "location",
      ];
      expect(exposed).toEqual(
        expect.arrayContaining([...needed, "lyceum-file-id", "retry-after", "grpc-status", "etag"]),
      );
    }
  });

  test.each(["https://evil.example.org", "https://school.example.org.evil.org", "http://school.example.org", "null"])(
    "gives %s no header",
    async (origin) => {
      const url = await start({ LYCEUM_ALLOWED_ORIGINS: "https://school.example.org" });
      for (const [, path, method, headers] of calls) {
        const refused = await preflight(url, path, origin, method, headers);
        const read = await fetch(`${url}/v1/files/7`, { headers: { origin } });
        expect([refused.status, read.status]).toEqual([403, 200]);
        for (const answer of [refused, read]) {
          expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
          expect(answer.headers.get("vary")).toBe("origin");
        }
      }
    },
  );

  test.each([
    ["LYCEUM_ALLOWED_ORIGINS", "*"],
    ["LYCEUM_ALLOWED_ORIGINS", "https://school.example.org/"],
    ["FILES_ORIGIN", "files.example.org"],
    ["GATEWAY_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["GATEWAY_TRUSTED_PROXIES", "proxy"],
    ["GATEWAY_RATE_LIMIT_USER", "-1"],
    ["GATEWAY_RATE_LIMIT_EXEMPT", "everybody"],
  ])("%s cannot be %s", (name, value) => {
    const { error } = gatewayConfig.safeParse({ [name]: value });
    expect(error?.issues[0]?.path).toEqual([name]);
    expect(error?.issues[0]?.message).toMatch(/^must be /);
  });
});

describe("rate limits", () => {
  const counted = { GATEWAY_RATE_LIMIT_EXEMPT: "none" };
  const transports: Record<string, (baseUrl: string) => Transport> = {
    Connect: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
    "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  };

  test.each(Object.entries(transports))(
    "are resource_exhausted with Retry-After in %s, unary and stream",
    async (_, to) => {
      const transport = to(await start({ ...counted, GATEWAY_RATE_LIMIT_ADDRESS: "1" }));
      await createClient(FileService, transport).getFile({ fileId: "7" });
      const unary = await createClient(FileService, transport)
        .getFile({ fileId: "7" })
        .catch((error) => error);
      const stream = createClient(IngestService, transport).watchDocuments({ fileIds: ["a"] });
      const streamed = await stream[Symbol.asyncIterator]()
        .next()
        .catch((error) => error);
      for (const error of [unary, streamed]) {
        expect(error).toMatchObject({ code: Code.ResourceExhausted, rawMessage: "Too many calls. Try again later." });
        expect(Number(error.metadata.get("retry-after"))).toBeGreaterThan(0);
      }
    },
  );

  test("are a 429 problem in REST", async () => {
    const url = await start({ ...counted, GATEWAY_RATE_LIMIT_ADDRESS: "1" });
    await fetch(`${url}/v1/files/7`);
    const answer = await fetch(`${url}/v1/files/7`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([429, "application/problem+json"]);
    expect(await answer.json()).toMatchObject({ code: "resource_exhausted", reason: "TOO_MANY_CALLS" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("count people by name, whatever their address, and strangers and false tokens by theirs", async () => {
    const env = { GATEWAY_RATE_LIMIT_USER: "2", GATEWAY_RATE_LIMIT_ADDRESS: "1", GATEWAY_TRUSTED_PROXIES: "127.0.0.1" };
    const url = await start({ ...counted, ...env });
    const statusOf = async (address: string, token?: string) => {
      const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
      return (await fetch(`${url}/v1/files/7`, { headers: { "x-forwarded-for": address, ...authorization } })).status;
    };
    expect(await statusOf("192.0.2.1", "token-of-ada")).toBe(200);
    expect(await statusOf("192.0.2.2", "token-of-ada")).toBe(200);
    expect(await statusOf("192.0.2.3", "token-of-ada")).toBe(429);
    expect(await statusOf("192.0.2.1", "token-of-bob")).toBe(200);
    expect(await statusOf("192.0.2.1", "forged")).toBe(200);
    expect(await statusOf("192.0.2.1", "forged-again")).toBe(429);
    expect(await statusOf("192.0.2.1")).toBe(429);
    expect(await statusOf("192.0.2.2")).toBe(200);
    expect(await statusOf("2001:db8:1:2::3")).toBe(200);
    expect(await statusOf("2001:db8:1:2:3::4")).toBe(429);
    expect(await statusOf("2001:db8:1:3::3")).toBe(200);
  });

  test("are lower where strangers try passwords, by RPC and by REST alike", async () => {
    const url = await start({ ...counted, GATEWAY_RATE_LIMIT_SIGN_IN: "2" });
    const post = async (path: string) =>
      (await fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).status;
    expect(await post("/v1/auth/sign-in")).toBe(200);
    expect(await post("/lyceum.identity.v1.IdentityService/SignIn")).toBe(200);
    expect(await post("/v1/auth/sign-in")).toBe(429);
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);
  });

  test("leave this machine alone, but not what a proxy on it passes on", async () => {
    const url = await start({ GATEWAY_RATE_LIMIT_ADDRESS: "1" });
    const statusOf = async (headers?: Record<string, string>) =>
      (await fetch(`${url}/v1/files/7`, { headers: headers ?? {} })).status;
    expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 200]);
    const forwarded = { "x-forwarded-for": "192.0.2.1" };
    expect([await statusOf(forwarded), await statusOf({ "x-forwarded-for": "192.0.2.2" })]).toEqual([200, 429]);
  });

  test("0 is no limit", async () => {
    const url = await start({ ...counted, GATEWAY_RATE_LIMIT_ADDRESS: "0", GATEWAY_RATE_LIMIT_SIGN_IN: "0" });
    for (let call = 0; call < 20; call += 1) expect((await fetch(`${url}/v1/files/7`)).status).toBe(200);
  });
});

describe("security headers", () => {
  test("are on everything", async () => {
    const url = await start();
    for (const path of [
      "/v1/files/7",
      "/v1/nothing",
      "/openapi.json",
      "/docs",
      "/lyceum.files.v1.FileService/Nothing",
    ]) {
      const { headers } = await fetch(url + path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
    expect((await fetch(`${url}/v1/files/7/content`)).headers.get("content-security-policy")).toBe("sandbox");
  });

  test("ask for HTTPS only where it is the public way", async () => {
    const url = await start({}, "http://localhost:8080");
    expect((await fetch(`${url}/v1/files/7`)).headers.get("strict-transport-security")).toBeNull();
  });
});

describe("an origin of the files' own", () => {
  const env = { FILES_ORIGIN: "https://files.example.org" };

  async function get(url: string, path: string, headers: Record<string, string>) {
    const call = request(url + path, { headers });
    call.end();
    const [answer] = await once(call, "response");
    answer.resume();
    return { status: answer.statusCode, location: answer.headers.location };
  }

  test("has files and nothing else", async () => {
    const url = await start(env);
    const host = "files.example.org";
    expect(await get(url, "/v1/files/7/content?token=t", { host })).toMatchObject({ status: 200 });
    for (const path of ["/", "/docs", "/openapi.json", "/v1/files/7", "/v1/auth/sign-in", "/assets/app.js"]) {
      expect([path, await get(url, path, { host })]).toMatchObject([path, { status: 404 }]);
    }
    const session = connect(url);
    stack.defer(() => session.close());
    const stream = session.request({ ":path": "/v1/files/7", ":authority": host });
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(404);
    stream.resume();
  });

  test("is where links to files lead, while programs get them everywhere", async () => {
    const url = await start(env);
    const host = "lyceum.example.org";
    expect(await get(url, "/v1/files/7/content?token=t", { host })).toEqual({
      status: 307,
      location: "https://files.example.org/v1/files/7/content?token=t",
    });
    expect(await get(url, "/v1/files/7/content", { host, authorization: "Bearer token-of-ada" })).toMatchObject({
      status: 200,
    });
    expect(await get(url, "/v1/files/7", { host })).toMatchObject({ status: 200 });
  });

  test("knows no session, and a page's cookie makes no link of a file on the page's own origin", async () => {
    const url = await start(env);
    const cookie = "__Host-lyceum-session=of-nobody";
    const statusOf = async (host: string, more: Record<string, string> = {}) =>
      (await get(url, "/v1/files/7/content", { host, cookie, ...more })).status;
    // Where the cookie counts, this one is refused.
    expect(await statusOf("files.example.org")).toBe(200);
    expect(await statusOf("lyceum.example.org")).toBe(307);
    expect(await statusOf("lyceum.example.org", { "lyceum-session": "cookie" })).toBe(401);
  });

  test("may be shown on the page", async () => {
    const url = await start(env);
    const { headers } = await fetch(url, { headers: { accept: "text/html" } });
    expect(headers.get("content-security-policy")).toContain("img-src 'self' data: blob: https://files.example.org");
  });
});
