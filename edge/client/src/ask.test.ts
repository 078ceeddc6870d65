import { createServer, type IncomingMessage, type Server } from "node:http";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AskResponse, type AskResponseSchema, FinishReason, RagService } from "./contract.ts";
import { createLyceum } from "./create-lyceum.ts";
import { problemOf } from "./problem.ts";
import { createTestSession, listen, shut } from "./test-session.ts";

type Piece = { event: Exclude<MessageInitShape<typeof AskResponseSchema>["event"], undefined> };

const retrieved: Piece = { event: { case: "retrieved", value: { answerId: "a" } } };
const say = (text: string): Piece => ({ event: { case: "delta", value: { text } } });
const cite = (number: number): Piece => ({ event: { case: "citation", value: { number } } });
const done: Piece = { event: { case: "done", value: { answerId: "a", finishReason: FinishReason.STOP } } };

const session = createTestSession();
let http: Server;
let baseUrl: string;
/** What the next connections bring: pieces, and then an end: whole, by an error, or by a cut. */
let scripts: { pieces: Piece[]; end?: ConnectError | "cut" | "hang" }[];
/** Which RPC each connection called. */
let called: string[];
let left: number;

beforeEach(async () => {
  [scripts, called, left] = [[], [], 0];
  let socket: IncomingMessage["socket"];
  async function* play(name: string, signal: AbortSignal) {
    called.push(name);
    const { pieces, end } = scripts.shift() ?? { pieces: [], end: "cut" };
    signal.addEventListener("abort", () => {
      left += 1;
    });
    yield* pieces;
    if (end instanceof ConnectError) throw end;
    // What was written leaves first.
    if (end === "cut") setTimeout(() => socket.destroy(), 20);
    if (end !== undefined) await new Promise(() => {});
  }
  const rpc = connectNodeAdapter({
    routes(router) {
      session.route(router);
      router.service(RagService, {
        ask: (_, { signal }) => play("ask", signal),
        resumeAnswer: ({ answerId }, { signal }) => play(`resume ${answerId}`, signal),
      });
    },
  });
  http = createServer((req, res) => {
    socket = req.socket;
    rpc(req, res);
  });
  baseUrl = await listen(http);
});
afterEach(() => shut(http));

async function read(signal?: AbortSignal) {
  const events: AskResponse["event"][] = [];
  const lyceum = createLyceum({ baseUrl, storage: session.store });
  const reading = (async () => {
    for await (const { event } of lyceum.ask({ question: "Why?" }, signal ? { signal } : {})) events.push(event);
  })();
  const error = await reading.then(
    () => undefined,
    (thrown) => thrown,
  );
  const text = events.map((event) => (event.case === "delta" ? event.value.text : "")).join("");
  return { events: events.map((event) => event.case), text, error };
}

test("an answer is read from its first piece to its last", async () => {
  scripts = [{ pieces: [retrieved, say("Because"), say(" so. [1]"), cite(1), done] }];
  const { events, text, error } = await read();
  expect(error).toBeUndefined();
  expect(events).toEqual(["retrieved", "delta", "delta", "citation", "done"]);
  expect(text).toBe("Because so. [1]");
});

test("an answer that is cut on its way is resumed, each word and citation once", async () => {
  scripts = [
    { pieces: [retrieved, say("Because [1]"), cite(1), say(" the")], end: "cut" },
    { pieces: [retrieved, say("Because [1] the m")], end: "cut" },
    { pieces: [], end: new ConnectError("Starting.", Code.Unavailable) },
    { pieces: [retrieved, say("Because"), say(" [1] the "), cite(1), say("moon. [2]"), cite(2), done] },
  ];
  const { events, text, error } = await read();
  expect(error).toBeUndefined();
  expect(text).toBe("Because [1] the moon. [2]");
  expect(events.filter((event) => event !== "delta")).toEqual(["retrieved", "citation", "citation", "done"]);
  expect(called).toEqual(["ask", "resume a", "resume a", "resume a"]);
});

test("a question that met nobody is not asked twice", async () => {
  const { error } = await read();
  expect(problemOf(error)).toMatchObject({ code: "unavailable", reason: "UNREACHABLE" });
  expect(called).toEqual(["ask"]);
});

test.each([
  ["a model that fails", Code.Unavailable, "MODEL_UNAVAILABLE"],
  ["a refusal", Code.PermissionDenied, "NO"],
])("%s is no lost connection", async (_, code, reason) => {
  const details = [{ desc: ErrorInfoSchema, value: { reason, domain: "lyceum" } }];
  scripts = [{ pieces: [retrieved, say("Be")], end: new ConnectError("It failed.", code, undefined, details) }];
  const { text, error } = await read();
  expect([text, problemOf(error).reason, called.length]).toEqual(["Be", reason, 1]);
});

test("an answer that ends with its session is looked for once more: another one may have taken its place", async () => {
  const details = [{ desc: ErrorInfoSchema, value: { reason: "SESSION_REVOKED", domain: "lyceum" } }];
  const ended = new ConnectError("It has ended.", Code.Unauthenticated, undefined, details);
  scripts = [{ pieces: [retrieved, say("Be")], end: ended }, { pieces: [retrieved, say("Because"), done] }];
  expect(await read()).toMatchObject({ text: "Because", error: undefined });
  expect(called).toEqual(["ask", "resume a"]);
});

test("leaving the loop, or aborting, leaves the connection", async () => {
  scripts = [
    { pieces: [retrieved, say("Be")], end: "hang" },
    { pieces: [retrieved, say("Be")], end: "hang" },
  ];
  const lyceum = createLyceum({ baseUrl, storage: session.store });
  for await (const { event } of lyceum.ask({ question: "Why?" })) if (event.case === "delta") break;
  await vi.waitFor(() => expect(left).toBe(1));
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const { error } = await read(abort.signal);
  expect(problemOf(error).code).toBe("canceled");
  expect(called).toEqual(["ask", "ask"]);
});

test("an answer that a proxy cuts in the middle of a piece is lost on its way, not refused", async () => {
  const proxy = createServer((req, res) => {
    res.writeHead(200, { "content-type": req.headers["content-type"] ?? "" });
    res.end(Buffer.from([0, 0, 0, 0, 9, 10]));
  });
  const url = await listen(proxy);
  const lyceum = createLyceum({ baseUrl: url, storage: session.store });
  const reading = async () => {
    for await (const _ of lyceum.rag.ask({ question: "Why?" }));
  };
  const error = await reading().catch((thrown) => thrown);
  expect(problemOf(error)).toMatchObject({ code: "unavailable", reason: "UNREACHABLE" });
  await shut(proxy);
});
