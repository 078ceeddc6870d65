import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { startServices, type TestProcess } from "@lyceum/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Mounts } from "../define-service.ts";
import { defineEcho } from "../echo-definition.testing.ts";
import { EchoService } from "../echo-service.testing.ts";
import { fail } from "../errors.ts";
import { toEnvelope } from "./envelope.ts";
import { defineFeed, type FeedFrame, type FeedReader } from "./feed.ts";

const rpc = EchoService.method.watchAsPerson;
const readers = new Map<string, FeedReader>();

function createFrame(text: string): FeedFrame {
  return {
    event: "said",
    cursor: "c-1",
    json: Buffer.from(JSON.stringify({ cursor: "c-1", said: {}, text })),
    binary: toBinary(rpc.output, create(rpc.output, { text })),
  };
}

/** Says who follows, and keeps the reader by its text for the test to write to. */
const echoFeed = defineFeed(rpc, async (userId, { text }, reader) => {
  if (text === "fail") throw new Error("a secret inside");
  readers.set(text, reader);
  reader.write(createFrame(userId));
  return { [Symbol.dispose]: () => void readers.delete(text) };
});

let stack: AsyncDisposableStack;
/** The front and the feed in one process. */
let near: TestProcess;
/** The feed in a process of its own, and the front in another. */
let behind: TestProcess;
const mounts: Record<string, Mounts> = {};
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const front = (where: string) => (given: Mounts) => {
    mounts[where] = given;
    return { request: () => {}, upgrade: () => {} };
  };
  const files = defineEcho("files", { feeds: [echoFeed] });
  near = stack.use(await startServices([files, defineEcho("gateway", { front: front("near") })]));
  behind = stack.use(await startServices([files]));
  stack.use(await startServices([defineEcho("gateway", { front: front("far") })], { env: { FILES_URL: behind.url } }));
});
afterAll(() => stack[Symbol.asyncDispose]());

function createReader(takes = Number.POSITIVE_INFINITY) {
  const frames: FeedFrame[] = [];
  const errors: ConnectError[] = [];
  const reader: FeedReader = {
    write: (taken) => frames.length < takes && frames.push(taken) > 0,
    drained: async () => {},
    end: (error) => void errors.push(error),
  };
  const texts = () => frames.map(({ json }) => JSON.parse(Buffer.from(json).toString()).text);
  return { frames, errors, reader, texts };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

describe.each(["near", "far"])("a feed %s", (where) => {
  const host = () => (where === "near" ? near : behind);
  const open = async (text: string, reader: FeedReader, sessionId: string = randomUUID()) =>
    mounts[where]?.feed(rpc, { token: await host().tokenFor({ userId: "ada", sessionId }), input: { text } }, reader);

  test("brings frames until it is left", async () => {
    const { frames, reader, texts } = createReader();
    const feed = await open("one", reader);
    readers.get("one")?.write(createFrame("x".repeat(100_000)));
    readers.get("one")?.write(createFrame("🐦"));
    await near.eventually(() => expect(texts()).toEqual(["ada", "x".repeat(100_000), "🐦"]));
    expect(frames.map(({ event, cursor }) => [event, cursor])).toEqual(Array(3).fill(["said", "c-1"]));
    expect(Buffer.from(frames[2]?.binary ?? []).equals(Buffer.from(createFrame("🐦").binary))).toBe(true);
    feed?.[Symbol.dispose]();
    await near.eventually(() => expect(readers.has("one")).toBe(false));
    expect(frames).toHaveLength(3);
  });

  test("lets in nobody unknown, and no wrong input", async () => {
    const openAs = (token: string | undefined, text = "x") =>
      codeOf(mounts[where]?.feed(rpc, { token, input: { text } }, createReader().reader) ?? Promise.resolve());
    expect(await openAs(undefined)).toBe(Code.Unauthenticated);
    expect(await openAs("garbage")).toBe(Code.Unauthenticated);
    const token = await host().tokenFor();
    expect(await openAs(token, "x".repeat(101))).toBe(Code.InvalidArgument);
    expect(await openAs(token, "fail")).toBe(Code.Internal);
  });

  test("ends with its session, and says so once", async () => {
    const { errors, frames, reader } = createReader();
    const sessionId = randomUUID();
    using _feed = await open("revoked", reader, sessionId);
    await host().publish(sessionRevoked({ sessionId, userId: "ada", version: 1 }));
    await near.eventually(() => expect(errors.map(({ code }) => code)).toEqual([Code.Unauthenticated]));
    expect(readers.has("revoked")).toBe(false);
    expect(frames).toHaveLength(1);
  });

  test("ends as its source says, without the inside of a bug", async () => {
    const [one, two] = [createReader(), createReader()];
    using _one = await open("slow", one.reader);
    using _two = await open("broken", two.reader);
    readers.get("slow")?.end(fail(Code.ResourceExhausted, "TOO_SLOW", "Too slow."));
    readers.get("broken")?.end(new Error("a secret inside") as ConnectError);
    await near.eventually(() => {
      expect(one.errors.map(({ code, rawMessage }) => [code, rawMessage])).toEqual([
        [Code.ResourceExhausted, "Too slow."],
      ]);
      expect(two.errors.map(({ code, rawMessage }) => [code, rawMessage])).toEqual([
        [Code.Internal, "Something failed inside."],
      ]);
    });
  });

  test("is told where its reader takes no more", async () => {
    const { errors, reader } = createReader(1);
    using _feed = await open("full", reader);
    const source = readers.get("full");
    if (where === "near") expect(source?.write(createFrame("more"))).toBe(false);
    else {
      source?.write(createFrame("more"));
      await near.eventually(() => expect(errors.map(({ code }) => code)).toEqual([Code.ResourceExhausted]));
    }
  });
});

test("the same frame reaches all who follow in one process", async () => {
  const [one, two] = [createReader(), createReader()];
  const token = await near.tokenFor();
  using _one = await mounts.near?.feed(rpc, { token, input: { text: "first" } }, one.reader);
  using _two = await mounts.near?.feed(rpc, { token, input: { text: "second" } }, two.reader);
  const frame = createFrame("shared");
  for (const name of ["first", "second"]) readers.get(name)?.write(frame);
  expect(one.frames[1]).toBe(frame);
  expect(two.frames[1]).toBe(frame);
});

test("what has no feed, or is nowhere, is unimplemented; what cannot be reached is unavailable", async () => {
  const { reader } = createReader();
  const call = { token: await near.tokenFor(), input: {} };
  const other = EchoService.method.watch;
  expect(await codeOf(mounts.near?.feed(other, call, reader) ?? Promise.resolve())).toBe(Code.Unimplemented);
  const lonely = await startServices([
    defineEcho("gateway", {
      front: (given) => {
        mounts.lonely = given;
        return { request: () => {}, upgrade: () => {} };
      },
    }),
  ]);
  expect(await codeOf(mounts.lonely?.feed(rpc, call, reader) ?? Promise.resolve())).toBe(Code.Unimplemented);
  await lonely[Symbol.asyncDispose]();
});

describe("over Connect", () => {
  const transports = {
    "JSON over HTTP/1.1": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    "binary over HTTP/1.1": (baseUrl: string) =>
      createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
  };

  test.each(Object.entries(transports))("%s, streams come from the feed", async (_, createTransport) => {
    const client = createClient(EchoService, createTransport(behind.url));
    const sessionId = randomUUID();
    const headers = { authorization: `Bearer ${await behind.tokenFor({ userId: "ada", sessionId })}` };
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of client.watchAsPerson({ text: "stream" }, { headers })) texts.push(text);
    })();
    await behind.eventually(() => expect(texts).toEqual(["ada"]));
    readers.get("stream")?.write(createFrame("🐦"));
    await behind.eventually(() => expect(texts).toEqual(["ada", "🐦"]));
    await behind.publish(sessionRevoked({ sessionId, userId: "ada", version: 1 }));
    expect(await codeOf(reading)).toBe(Code.Unauthenticated);
    expect(await codeOf(client.watchAsPerson({ text: "x" })[Symbol.asyncIterator]().next())).toBe(Code.Unauthenticated);
    const tooLong = client.watchAsPerson({ text: "x".repeat(101) }, { headers: { ...headers } });
    expect(await codeOf(tooLong[Symbol.asyncIterator]().next())).not.toBe(undefined);
  });

  test("a client that goes is noticed", async () => {
    const client = createClient(EchoService, createConnectTransport({ baseUrl: behind.url, httpVersion: "1.1" }));
    const headers = { authorization: `Bearer ${await behind.tokenFor()}` };
    const leaving = new AbortController();
    const stream = client
      .watchAsPerson({ text: "leaving" }, { headers, signal: leaving.signal })
      [Symbol.asyncIterator]();
    await stream.next();
    expect(readers.has("leaving")).toBe(true);
    leaving.abort();
    await behind.eventually(() => expect(readers.has("leaving")).toBe(false));
  });

  test("a client that reads nothing is cut, and holds no more than its buffer", async () => {
    const token = await behind.tokenFor();
    const { port, hostname } = new URL(behind.url);
    const socket = connect(Number(port), hostname);
    const body = toEnvelope(Buffer.from('{"text":"stuck"}'));
    socket.write(
      `POST /${rpc.parent.typeName}/${rpc.name} HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+json\r\nauthorization: Bearer ${token}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await behind.eventually(() => expect(readers.has("stuck")).toBe(true));
    const big = createFrame("x".repeat(60_000));
    let taken = 0;
    while (readers.get("stuck")?.write(big) && taken < 1_000) taken += 1;
    expect(taken).toBeLessThan(200);
    socket.destroy();
  });

  test.each([
    ["no envelope", Buffer.from("x")],
    ["two messages", Buffer.concat([toEnvelope(Buffer.from("{}")), toEnvelope(Buffer.from("{}"))])],
    ["no JSON", toEnvelope(Buffer.from("{"))],
    ["an end", toEnvelope(Buffer.from("{}"), 2)],
    ["a length that lies", Buffer.from([0, 0, 0, 0, 9, 0])],
    ["a length beyond all limits", Buffer.from([0, 255, 255, 255, 255, 0]), "resource_exhausted"],
  ])("%s is a wrong request", async (_, body, code = "invalid_argument") => {
    const headers = { "content-type": "application/connect+json" };
    const path = `/${rpc.parent.typeName}/${rpc.name}`;
    const res = await behind.fetch(path, { method: "POST", headers, body: body as BodyInit, person: {} });
    expect([res.status, await res.text()]).toEqual([200, expect.stringContaining(`"${code}"`)]);
  });

  test("other protocols go on as they did", async () => {
    const client = createClient(EchoService, createGrpcTransport({ baseUrl: behind.url }));
    const headers = { authorization: `Bearer ${await behind.tokenFor()}` };
    const texts: string[] = [];
    for await (const { text } of client.watchAsPerson({ text: "short" }, { headers })) texts.push(text);
    expect(texts).toEqual(["short"]);
  });
});
