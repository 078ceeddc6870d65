import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OnePort, openOnePort } from "./one-port.ts";

const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

let port: OnePort;
const begun: string[] = [];
const closed: string[] = [];

beforeAll(async () => {
  port = await openOnePort(["127.0.0.1"], 0, async (req, res) => {
    begun.push(req.url ?? "");
    res.once("close", () => closed.push(req.url ?? ""));
    let body = "";
    for await (const chunk of req) body += chunk;
    if (req.url === "/slow") await sleep(500);
    if (req.url?.startsWith("/never")) return;
    res.end(`${req.httpVersion} ${req.method} ${body}`);
  });
});
afterAll(() => port.close(0));

/** Sends pieces, one by one, and answers all that came back when the server has closed or `until` was read. */
async function talk(
  pieces: readonly (string | Buffer)[],
  { until, fin }: { until?: (heard: string) => boolean; fin?: boolean } = {},
) {
  const socket = await open();
  let heard = "";
  const done = new Promise<void>((resolve) => {
    socket
      .on("end", resolve)
      .on("close", resolve)
      .on("error", () => resolve());
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (until?.(heard)) resolve();
    });
  });
  for (const piece of pieces) {
    socket.write(piece);
    await sleep(2);
  }
  if (fin) socket.end();
  await done;
  socket.destroy();
  return heard;
}

async function open(): Promise<Socket> {
  const socket = connect({ port: port.port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

test("a request may come byte by byte, and begin like the preface of HTTP/2", async () => {
  const request = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  expect(await talk([...request])).toMatch(/^HTTP\/1\.1 200.*1\.1 POST hello/s);
  expect(await talk(["PRI", "VATE / HTTP/1.1\r\nHost: x\r\n\r\n"])).toMatch(/^HTTP\/1\.1 400/);
});

test("requests may be pipelined", async () => {
  const request = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  const heard = await talk([request + request + request], { until: (text) => text.split("1.1 GET").length > 3 });
  expect(heard.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});

test("the preface may come byte by byte, and frames in the same packet", async () => {
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const acknowledged = (heard: string) => Buffer.from(heard, "latin1").includes(Buffer.from([0, 0, 0, 4, 1]));
  const pieces = [...preface].map((byte) => Buffer.from([byte]));
  expect(acknowledged(await talk([...pieces, emptySettings], { until: acknowledged }))).toBe(true);
  expect(acknowledged(await talk([Buffer.concat([preface, emptySettings])], { until: acknowledged }))).toBe(true);
});

test("a client that has no more to say still gets its answer", async () => {
  const heard = await talk(["GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"], { fin: true });
  expect(heard).toContain("1.1 GET");
});

test("a client that has gone is noticed", async () => {
  const socket = await open();
  socket.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(() => begun).toContain("/never");
  socket.destroy();
  await expect.poll(() => closed, { timeout: 5_000 }).toContain("/never");
});

test("a client of HTTP/2 that has gone is noticed", async () => {
  const session = connectHttp2(port.url);
  const stream = session.request({ ":path": "/never?2" }).on("error", () => {});
  await expect.poll(() => begun).toContain("/never?2");
  session.destroy();
  await expect.poll(() => closed, { timeout: 5_000 }).toContain("/never?2");
  stream.destroy();
});

test("what is no HTTP is refused", async () => {
  const hello = Buffer.from("16030100c8010000c403035a", "hex");
  expect(await talk([hello])).toMatch(/^HTTP\/1\.1 400/);
  const large = `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`;
  expect(await talk([large])).toMatch(/^HTTP\/1\.1 431/);
});

test("HTTP/2 answers many requests at once, beside silent connections", async () => {
  const silent = await Promise.all(Array.from({ length: 100 }, open));
  const session = connectHttp2(port.url);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      let text = "";
      for await (const chunk of session.request({ ":path": "/slow" })) text += chunk;
      return text;
    }),
  );
  expect(new Set(answers)).toEqual(new Set(["2.0 GET "]));
  session.close();
  for (const socket of silent) socket.destroy();
});

test("closing finishes what runs and drops what is silent", async () => {
  const began = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const other = await openOnePort(["127.0.0.1"], 0, async (_, res) => {
    began.resolve();
    await finish.promise;
    res.end("late");
  });
  const silent = connect(other.port, "127.0.0.1").resume();
  const staying = connect({ port: other.port, host: "127.0.0.1", allowHalfOpen: true });
  for (const socket of [silent, staying]) socket.on("error", () => {});
  staying.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), emptySettings]));
  const running = fetch(other.url).then((response) => response.text());
  await Promise.all([began.promise, once(staying, "data")]);
  const start = performance.now();
  const closing = other.close(60_000);
  finish.resolve();
  await closing;
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(await running).toBe("late");
  silent.destroy();
  staying.destroy();
  await expect(openOnePort(["127.0.0.1"], port.port, () => {})).rejects.toThrow(`Port ${port.port} is taken`);
});
