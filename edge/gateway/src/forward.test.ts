import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from "node:http";
import { connect, constants } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { createForwarder } from "./forward.ts";
import { listen } from "./mounts.testing.ts";

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  stack = new AsyncDisposableStack();
});

/** A server behind a forwarder. */
async function start(behind: RequestListener) {
  const upstream = stack.use(await listen(behind));
  const forwarder = stack.use(createForwarder(upstream.url));
  const front = stack.use(
    await listen((req, res) => forwarder.forward(req, res, (error) => res.writeHead(503).end(error.rawMessage))),
  );
  return { url: front.url, upstream };
}

/** Opens a gRPC-like stream over HTTP/2. */
function openStream(url: string, headers: Record<string, string> = {}) {
  const session = connect(url).on("error", () => undefined);
  stack.defer(() => session.destroy());
  return session.request({
    ":method": "POST",
    ":path": "/s/m",
    "content-type": "application/grpc+proto",
    te: "trailers",
    ...headers,
  });
}

test("passes bodies through unchanged and leaves out what belongs to one connection", async () => {
  let seen: IncomingMessage | undefined;
  const { url } = await start(async (req, res) => {
    seen = req;
    const hash = createHash("sha256");
    for await (const chunk of req) hash.update(chunk);
    res.writeHead(201, { "x-sha256": hash.digest("hex"), connection: "x-hop", "x-hop": "1" });
    res.end("done");
  });
  const bytes = randomBytes(3_000_000);
  const response = await fetch(`${url}/v1/files?name=a%20b`, {
    method: "POST",
    body: bytes,
    headers: { "content-type": "application/pdf", "x-mine": "1" },
  });
  expect([response.status, await response.text()]).toEqual([201, "done"]);
  expect(response.headers.get("x-sha256")).toBe(createHash("sha256").update(bytes).digest("hex"));
  expect(response.headers.get("x-hop")).toBeNull();
  expect([seen?.url, seen?.headers["x-mine"], seen?.headers["content-type"]]).toEqual([
    "/v1/files?name=a%20b",
    "1",
    "application/pdf",
  ]);
});

test("who calls cannot have dropped what tells their body from the next request, nor where they call from", async () => {
  const seen: string[] = [];
  const { url } = await start(async (req, res) => {
    seen.push(`${req.url} ${req.headers["lyceum-client-address"]}`);
    let bytes = 0;
    for await (const chunk of req) bytes += chunk.length;
    res.end(`${bytes}`);
  });
  const smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
  const call = request(`${url}/v1/first`, {
    headers: {
      connection: "keep-alive, content-length, lyceum-client-address",
      "content-length": smuggled.length + 70_000,
      "lyceum-client-address": "203.0.113.7",
    },
  });
  call.end(`${smuggled}${"x".repeat(70_000)}`);
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of answer) text += chunk;
  expect([text, seen]).toEqual([`${smuggled.length + 70_000}`, ["/v1/first 203.0.113.7"]]);
});

test("streams both ways as it comes, over HTTP/1.1 and HTTP/2", async () => {
  const { url } = await start((req, res) => {
    res.writeHead(200, { "content-type": req.headers["content-type"] });
    res.flushHeaders();
    req.on("data", (chunk) => res.write(chunk)).on("end", () => res.end());
  });
  const upload = request(url, { method: "POST", headers: { "content-type": "text/plain" } });
  upload.flushHeaders();
  const [response] = (await once(upload, "response")) as [IncomingMessage];
  const stream = openStream(url);
  for (const text of ["one", "two"]) {
    upload.write(text);
    stream.write(text);
    expect(String((await once(response, "data"))[0])).toBe(text);
    expect(String((await once(stream, "data"))[0])).toBe(text);
  }
  upload.end();
  stream.end();
  await Promise.all([once(response.resume(), "end"), once(stream.resume(), "end")]);
});

test("carries trailers, and an answer that has only them", async () => {
  const { url } = await start((req, res) => {
    req.resume();
    if (req.headers["x-only"]) {
      res.setHeader("grpc-status", "5");
      res.end();
      return;
    }
    res.writeHead(200, { "content-type": "application/grpc+proto" });
    res.write("x");
    res.addTrailers({ "grpc-status": "0" });
    res.end();
  });
  const whole = openStream(url);
  whole.end();
  const trailers = once(whole, "trailers");
  whole.resume();
  expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
  const only = openStream(url, { "x-only": "1" });
  only.end();
  const [headers, flags] = await once(only, "response");
  expect([headers["grpc-status"], flags & constants.NGHTTP2_FLAG_END_STREAM]).toEqual([
    "5",
    constants.NGHTTP2_FLAG_END_STREAM,
  ]);
});

test("frames every body, so that none is taken for the next request", async () => {
  const bodies: string[] = [];
  const { url } = await start(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    bodies.push(`${req.method} ${req.url} ${body}`);
    res.end();
  });
  const smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
  await fetch(`${url}/a`, { method: "DELETE", body: new Blob([smuggled]).stream(), duplex: "half" } as never);
  const session = connect(url);
  stack.defer(() => session.destroy());
  const stream = session.request({ ":method": "DELETE", ":path": "/b" }, { endStream: false });
  stream.end(smuggled);
  await once(stream.resume(), "end");
  await fetch(`${url}/c`, { method: "DELETE" });
  expect(bodies).toEqual([`DELETE /a ${smuggled}`, `DELETE /b ${smuggled}`, "DELETE /c "]);
});

test("ends the call behind when the client goes away", async () => {
  const ended: Promise<unknown>[] = [];
  const begun: (() => void)[] = [];
  const { url } = await start((_req, res) => {
    ended.push(once(res, "close"));
    res.writeHead(200).write("x");
    begun.shift()?.();
  });
  const beginning = () => new Promise<void>((resolve) => begun.push(resolve));
  const first = beginning();
  const client = request(url).on("error", () => undefined);
  client.end();
  await first;
  client.destroy();
  const second = beginning();
  const stream = openStream(url).on("error", () => undefined);
  await second;
  stream.close(constants.NGHTTP2_CANCEL);
  await Promise.all(ended);
  expect(ended).toHaveLength(2);
});

test("breaks the answer off where the process behind dies, and reaches the next one", async () => {
  let isFirst = true;
  const { url, upstream } = await start((_req: IncomingMessage, res: ServerResponse) => {
    res.writeHead(200).write("half");
    if (!isFirst) res.end();
  });
  const half = await fetch(url);
  const stream = openStream(url).on("error", () => undefined);
  await once(stream, "response");
  const trailers = once(stream, "trailers");
  stream.resume();
  for (const socket of upstream.sockets) socket.destroy();
  await expect(half.text()).rejects.toThrow();
  expect((await trailers)[0]).toMatchObject({ "grpc-status": "14" });
  isFirst = false;
  expect(await (await fetch(url)).text()).toBe("half");
  const next = openStream(url);
  expect((await once(next, "response"))[0][":status"]).toBe(200);
});

test("answers early without waiting for the rest of the request", async () => {
  const { url } = await start((_req, res) => {
    res.writeHead(413, { connection: "close" }).end("too large");
  });
  const upload = request(url, { method: "POST" }).on("error", () => undefined);
  upload.write("x");
  const [response] = (await once(upload, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  upload.destroy();
});

test("reads no faster than it is read", async () => {
  let sent = 0;
  const { url } = await start((_req, res) => {
    const fill = () => {
      while (!res.closed && res.write(Buffer.alloc(64 * 1024))) sent++;
    };
    res.on("drain", fill);
    fill();
  });
  const client = request(url).on("error", () => undefined);
  client.end();
  const [response] = (await once(client, "response")) as [IncomingMessage];
  response.pause();
  for (let before = -1; before !== sent; await delay(200)) before = sent;
  expect(sent).toBeLessThan(500);
  client.destroy();
});

test("passes answers without a body, and a request that never ends is not sent on", async () => {
  const seen: string[] = [];
  const { url } = await start((req, res) => {
    seen.push(`${req.method} ${req.url}`);
    req.resume().once("end", () => {
      if (req.method === "HEAD") res.writeHead(200, { "content-length": "7", "set-cookie": ["a=1", "b=2"] }).end();
      else res.writeHead(req.method === "DELETE" ? 204 : 200).end();
    });
  });
  const head = await fetch(`${url}/a`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), head.headers.getSetCookie()]).toEqual([
    200,
    "7",
    ["a=1", "b=2"],
  ]);
  expect((await fetch(`${url}/b`, { method: "DELETE" })).status).toBe(204);
  const half = request(`${url}/half`, { method: "POST", headers: { "content-length": "10" } });
  half.on("error", () => {}).write("half ");
  await delay(50);
  half.destroy();
  expect((await fetch(`${url}/c`, { method: "POST", body: "" })).status).toBe(200);
  expect(seen).toEqual(["HEAD /a", "DELETE /b", "POST /c"]);
});
