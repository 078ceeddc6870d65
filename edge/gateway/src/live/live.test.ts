import { once } from "node:events";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { Code } from "@connectrpc/connect";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { defineFeed, defineService, type FeedFrame, type FeedReader, fail } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { gatewayService } from "../service.ts";

type Follower = { userId: string; cursor: string; reader: FeedReader };
const followers = new Set<Follower>();

const frameOf = (event: string, cursor: string, fields: object = {}): FeedFrame => ({
  event,
  cursor,
  json: Buffer.from(JSON.stringify({ cursor, [event]: fields })),
  binary: Buffer.alloc(0),
});

/** Chat's feed, as far as the gateway can see: says `ready`, then what the test writes. */
const chat = defineService({
  name: "chat",
  rpcs: [ChatService],
  publishes: [],
  config: z.object({}),
  open: async () => ({
    feeds: [
      defineFeed(ChatService.method.subscribe, async (userId, { cursor }, reader) => {
        if (cursor === "broken") throw fail(Code.Internal, "BUG", "secret");
        const follower = { userId, cursor, reader };
        followers.add(follower);
        reader.write(frameOf("ready", cursor || "0"));
        return { [Symbol.dispose]: () => void followers.delete(follower) };
      }),
    ],
  }),
});

let lyceum: TestProcess;
beforeAll(async () => {
  lyceum = await startServices([gatewayService, chat]);
});
afterAll(() => lyceum[Symbol.asyncDispose]());
beforeEach(() => followers.clear());

/** A client's socket, all it heard, and how it ended. */
function open(options: { origin?: string; path?: string; url?: string } = {}) {
  const { path = "/v1/ws", url = lyceum.url, ...rest } = options;
  const socket = new WebSocket(url.replace("http", "ws") + path, rest);
  const heard: { type?: string; cursor?: string; error?: { code: string; reason: string; traceId: string } }[] = [];
  socket.on("message", (data) => heard.push(JSON.parse(String(data))));
  socket.on("error", () => undefined);
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  const say = (frame: unknown) =>
    socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  return { socket, heard, closed, say, opened: new Promise<void>((resolve) => socket.once("open", resolve)) };
}

async function follow(person: { userId?: string; sessionId?: string } = {}, cursor?: string, url?: string) {
  const client = open(url === undefined ? {} : { url });
  await client.opened;
  client.say({ type: "auth", token: await lyceum.tokenFor(person), ...(cursor === undefined ? {} : { cursor }) });
  await lyceum.eventually(() => expect(client.heard).toHaveLength(1));
  return client;
}

const tell = (frame: FeedFrame) => [...followers].map(({ reader }) => reader.write(frame));

describe("a WebSocket", () => {
  test("hears each response as a frame, from its cursor on, and is forgotten when it closes", async () => {
    const [one, two] = await Promise.all([follow({ userId: "ada" }, "7"), follow({ userId: "bob" })]);
    expect([...followers].map(({ userId, cursor }) => [userId, cursor]).sort()).toEqual([
      ["ada", "7"],
      ["bob", ""],
    ]);
    const text = "é".repeat(70_000);
    expect(tell(frameOf("message", "8", { text }))).toEqual([true, true]);
    expect(tell(frameOf("typing", "8", { text: "x".repeat(300) }))).toEqual([true, true]);
    for (const { heard } of [one, two]) {
      await lyceum.eventually(() => expect(heard).toHaveLength(3));
      expect(heard[1]).toEqual({ cursor: "8", message: { text } });
    }
    one.socket.close();
    two.socket.terminate();
    await lyceum.eventually(() => expect(followers.size).toBe(0));
  });

  test("answers pings and takes pongs", async () => {
    const { heard, say, socket } = await follow();
    say({ type: "pong" });
    say({ type: "ping" });
    await lyceum.eventually(() => expect(heard[1]).toEqual({ type: "pong" }));
    socket.close();
  });

  const auth = { type: "auth", token: "t" };
  test.each<[string, ...unknown[]]>([
    ["binary", Buffer.from(JSON.stringify(auth))],
    ["not JSON", "hello"],
    ["no object", "[1]"],
    ["of an unknown type", { type: "shout" }],
    ["without a type", { token: "t" }],
    ["an auth without a token", { type: "auth" }],
    ["larger than 8 KiB", { ...auth, token: "t".repeat(9_000) }],
    ["much larger", { ...auth, token: "t".repeat(1_000_000) }],
    ["a ping before auth", { type: "ping" }],
  ])("is closed with 4400 for a frame that is %s", async (_, frame) => {
    const { closed, opened, say, heard } = open();
    await opened;
    say(frame);
    expect(await closed).toBe(4400);
    if (heard[0])
      expect(heard[0]).toMatchObject({ type: "error", error: { code: "invalid_argument", reason: "BAD_FRAME" } });
  });

  test("is closed with 4400 for text that is no UTF-8, an unmasked frame and a second auth", async () => {
    const { closed, opened, socket } = open();
    await opened;
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await closed).toBe(4400);
    const unmasked = open();
    await unmasked.opened;
    unmasked.socket.send("{}", { mask: false });
    expect(await unmasked.closed).toBe(4400);
    const twice = await follow();
    twice.say(auth);
    expect(await twice.closed).toBe(4400);
    await lyceum.eventually(() => expect(followers.size).toBe(0));
  });

  test("is closed with 4401 where the token is none, or its session ends", async () => {
    const stranger = open();
    await stranger.opened;
    stranger.say({ type: "auth", token: "garbage" });
    expect(await stranger.closed).toBe(4401);
    expect(stranger.heard[0]).toMatchObject({ type: "error", error: { code: "unauthenticated" } });
    expect(stranger.heard[0]?.error?.traceId).toMatch(/^[0-9a-f]{32}$/);
    const { closed, heard } = await follow({ sessionId: "ended" });
    await lyceum.publish(sessionRevoked({ sessionId: "ended", userId: "ada", version: 1 }));
    expect(await closed).toBe(4401);
    expect(heard[1]).toMatchObject({ type: "error", error: { reason: "SESSION_REVOKED" } });
    expect(followers.size).toBe(0);
  });

  test("is told no more than a cursor too long, or a bug, allows", async () => {
    const long = open();
    await long.opened;
    long.say({ type: "auth", token: await lyceum.tokenFor(), cursor: "x".repeat(4_097) });
    expect(await long.closed).toBe(4400);
    const broken = open();
    await broken.opened;
    broken.say({ type: "auth", token: await lyceum.tokenFor(), cursor: "broken" });
    expect(await broken.closed).toBe(1011);
    expect(JSON.stringify(broken.heard)).not.toContain("secret");
  });

  test("that does not read is closed with 4408, and holds about a MiB until then", async () => {
    const { socket, closed } = await follow();
    socket.pause();
    const [follower] = followers;
    const frame = frameOf("message", "1", { text: "x".repeat(50_000) });
    let taken = 0;
    while (follower?.reader.write(frame)) {
      taken += 1;
      if (taken % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    follower?.reader.end(fail(Code.ResourceExhausted, "TOO_SLOW", "Too slow."));
    expect(taken).toBeGreaterThan(20);
    expect(taken).toBeLessThan(400);
    socket.resume();
    expect(await closed).toBe(4408);
    await lyceum.eventually(() => expect(followers.size).toBe(0));
  });

  test("of another site is refused, of the page and of programs taken", async () => {
    const statusOf = (options: Parameters<typeof open>[0]) =>
      new Promise<number>((resolve) => {
        const { socket } = open(options);
        socket.once("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
        socket.once("open", () => {
          resolve(101);
          socket.terminate();
        });
      });
    expect(await statusOf({ origin: "https://evil.example.org" })).toBe(403);
    expect(await statusOf({ origin: "null" })).toBe(403);
    expect(await statusOf({ origin: lyceum.url })).toBe(101);
    expect(await statusOf({})).toBe(101);
    expect(await statusOf({ path: "/v1/other" })).toBe(404);
  });

  test("may begin in the packet of its handshake", async () => {
    const { port } = new URL(lyceum.url);
    const raw = createConnection({ port: Number(port), host: "127.0.0.1" });
    const handshake =
      "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const payload = Buffer.from(JSON.stringify({ type: "auth", token: await lyceum.tokenFor() }));
    const head = Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
    raw.write(Buffer.concat([Buffer.from(handshake), head, payload]));
    let heard = "";
    raw.on("data", (chunk) => {
      heard += chunk;
    });
    await lyceum.eventually(() => expect(heard).toContain('{"cursor":"0","ready":{}}'));
    raw.destroy();
  });

  test("is no other upgrade: an offer of h2c is declined and the request answered", async () => {
    const { port } = new URL(lyceum.url);
    const raw = createConnection({ port: Number(port), host: "127.0.0.1" });
    raw.write(
      "GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    );
    expect(String((await once(raw, "data"))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
    raw.destroy();
  });
});

describe("GET /v1/events", () => {
  const get = async (path = "", headers: Record<string, string> = {}) =>
    lyceum.fetch(`/v1/events${path}`, {
      person: { userId: "ada" },
      headers: { accept: "text/event-stream", ...headers },
    });

  /** Reads until what came matches. */
  async function readUntil(answer: Response, pattern: RegExp): Promise<string> {
    let text = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (pattern.test(text)) break;
    }
    return text;
  }

  test.each([
    ["?cursor=7", {}, "7"],
    ["", { "last-event-id": "8" }, "8"],
    ["?cursor=7", { "last-event-id": "8" }, "7"],
    ["", {}, ""],
  ])("goes on from %s %o", async (query, headers: Record<string, string>, cursor) => {
    const answer = await get(query, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    await lyceum.eventually(() => expect([...followers].at(-1)?.cursor).toBe(cursor));
    tell(frameOf("messageEdited", "9", { text: "moon" }));
    expect(await readUntil(answer, /moon.*\n\n/)).toBe(
      `event: ready\nid: ${cursor || "0"}\ndata: {"cursor":"${cursor || "0"}","ready":{}}\n\n` +
        `event: messageEdited\nid: 9\ndata: {"cursor":"9","messageEdited":{"text":"moon"}}\n\n`,
    );
  });

  test("is forgotten once its client has gone", async () => {
    const answer = await get();
    await answer.body?.cancel();
    await lyceum.eventually(() => expect(followers.size).toBe(0));
  });

  test("is lines of JSON for whoever asks for nothing else, and works over HTTP/2", async () => {
    const answer = await get("", { accept: "*/*" });
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    expect(await readUntil(answer, /\n/)).toBe('{"cursor":"0","ready":{}}\n');
    const session = connect(lyceum.url);
    const authorization = `Bearer ${await lyceum.tokenFor({ userId: "http2" })}`;
    const stream = session.request({ ":path": "/v1/events", accept: "text/event-stream", authorization });
    expect(String((await once(stream, "data"))[0])).toMatch(/^event: ready\n/);
    session.destroy();
    await lyceum.eventually(() => expect([...followers].map(({ userId }) => userId)).not.toContain("http2"));
  });

  test("is a problem where it cannot begin, and ends with one where it cannot go on", async () => {
    const anonymous = await lyceum.fetch("/v1/events");
    expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { code: "unauthenticated" }]);
    const misspelt = await get("?curser=7");
    expect([misspelt.status, await misspelt.json()]).toMatchObject([400, { violations: [{ field: "curser" }] }]);
    const long = await get(`?cursor=${"x".repeat(4_097)}`);
    expect([long.status, await long.json()]).toMatchObject([400, { code: "invalid_argument" }]);
    const plain = await lyceum.fetch("/v1/ws");
    expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    const posted = await lyceum.fetch("/v1/events", { method: "POST" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET"]);
    followers.clear();
    const answer = await get();
    await lyceum.eventually(() => expect(followers.size).toBe(1));
    for (const { reader } of followers) reader.end(fail(Code.ResourceExhausted, "TOO_SLOW", "Too slow."));
    expect(await answer.text()).toMatch(/event: error\ndata: \{.*"reason":"TOO_SLOW".*\}\n\n$/);
  });
});

test("all are told when the process stops, and may come again", async () => {
  const process = await startServices([gatewayService, chat]);
  const token = await process.tokenFor();
  const { closed, heard, opened, say } = open({ url: process.url });
  await opened;
  say({ type: "auth", token });
  const silent = open({ url: process.url });
  await silent.opened;
  const answer = await process.fetch("/v1/events", { token, headers: { accept: "text/event-stream" } });
  await lyceum.eventually(() => expect(followers.size).toBe(2));
  const text = answer.text();
  await process[Symbol.asyncDispose]();
  expect([await closed, await silent.closed]).toEqual([1012, 1012]);
  expect(heard.at(-1)).toMatchObject({ type: "error", error: { code: "unavailable", reason: "RESTARTING" } });
  expect(await text).toContain('"reason":"RESTARTING"');
});
