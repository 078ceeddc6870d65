import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { startServices, type TestProcess } from "@lyceum/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Mounts } from "../define-service.ts";
import { defineEcho } from "../echo-definition.testing.ts";
import { EchoService } from "../echo-service.testing.ts";
import { defineFeed, type FeedFrame, type FeedReader } from "./feed.ts";

const rpc = EchoService.method.watchAsPerson;
const readers = new Map<string, FeedReader>();
const frame: FeedFrame = { event: "said", cursor: "1", json: Buffer.from("{}"), binary: Buffer.alloc(0) };

/** Greets, and keeps the reader by its text for the test to write to. */
const echoFeed = defineFeed(rpc, async (userId, { text }, reader) => {
  if (text === "fail") throw new Error("a secret inside");
  readers.set(text, reader);
  reader.write({ ...frame, cursor: userId });
  return { [Symbol.dispose]: () => void readers.delete(text) };
});

let lyceum: TestProcess;
let mounts: Mounts;
beforeAll(async () => {
  const front = (given: Mounts) => {
    mounts = given;
    return { request: () => {}, upgrade: () => {} };
  };
  lyceum = await startServices([defineEcho("files", { feeds: [echoFeed] }), defineEcho("gateway", { front })]);
});
afterAll(() => lyceum[Symbol.asyncDispose]());

function createReader() {
  const frames: FeedFrame[] = [];
  const errors: ConnectError[] = [];
  const reader: FeedReader = {
    write: (taken) => frames.push(taken) > 0,
    drained: async () => {},
    end: (error) => void errors.push(error),
  };
  return { frames, errors, reader };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

test("the same frame reaches all who follow, until they leave", async () => {
  const [one, two] = [createReader(), createReader()];
  const token = await lyceum.tokenFor({ userId: "ada" });
  const first = await mounts.feed(rpc, { token, input: { text: "one" } }, one.reader);
  using _second = await mounts.feed(rpc, { token, input: { text: "two" } }, two.reader);
  expect(one.frames[0]?.cursor).toBe("ada");
  for (const reader of readers.values()) reader.write(frame);
  expect(one.frames[1]).toBe(two.frames[1]);
  const left = readers.get("one");
  first[Symbol.dispose]();
  expect([...readers.keys()]).toEqual(["two"]);
  expect(left?.write(frame)).toBe(false);
  expect(one.frames).toHaveLength(2);
});

test("nobody unknown or without a session is let in, nor wrong input", async () => {
  const open = (token: string | undefined, text = "x") =>
    codeOf(mounts.feed(rpc, { token, input: { text } }, createReader().reader));
  expect(await open(undefined)).toBe(Code.Unauthenticated);
  expect(await open("garbage")).toBe(Code.Unauthenticated);
  const token = await lyceum.tokenFor();
  expect(await open(token, "x".repeat(101))).toBe(Code.InvalidArgument);
  expect(await open(token, "fail")).toBe(Code.Internal);
  expect(await codeOf(mounts.feed(EchoService.method.watch, { token, input: {} }, createReader().reader))).toBe(
    Code.Unimplemented,
  );
});

test("ends with its session, and says so once", async () => {
  const { errors, frames, reader } = createReader();
  const sessionId = randomUUID();
  const token = await lyceum.tokenFor({ sessionId });
  using _feed = await mounts.feed(rpc, { token, input: { text: "revoked" } }, reader);
  await lyceum.publish(sessionRevoked({ sessionId, userId: "ada", version: 1 }));
  await lyceum.eventually(() => expect(errors.map(({ code }) => code)).toEqual([Code.Unauthenticated]));
  expect(readers.has("revoked")).toBe(false);
  expect(frames).toHaveLength(1);
});

test("what its source ends with reaches the reader without the inside of a bug", async () => {
  const { errors, reader } = createReader();
  using _feed = await mounts.feed(rpc, { token: await lyceum.tokenFor(), input: { text: "broken" } }, reader);
  const source = readers.get("broken");
  source?.end(new Error("a secret inside") as ConnectError);
  source?.end(new ConnectError("again", Code.Aborted));
  expect(errors.map(({ code, rawMessage }) => [code, rawMessage])).toEqual([
    [Code.Internal, "Something failed inside."],
  ]);
});
