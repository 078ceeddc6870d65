import { createServer, type IncomingMessage, type Server } from "node:http";
import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { ChatService, type SubscribeResponse, SubscribeResponseSchema } from "./contract.ts";
import { createLyceum } from "./create-lyceum.ts";
import type { SubscribeOptions, Subscription } from "./subscribe.ts";
import { createTestSession, listen, shut } from "./test-session.ts";

type Sent = MessageInitShape<typeof SubscribeResponseSchema>;

const ready: Sent = { cursor: "c0", event: { case: "ready", value: {} } };
const said = (change: number, roomId = "room", cursor = `c${change}`): Sent => ({
  cursor,
  event: { case: "message", value: { id: `m${change}`, roomId, seq: BigInt(change), change: BigInt(change) } },
});

/** A server that speaks /v1/ws, or Subscribe only, and sends to its connections what a test says. */
function makeChat() {
  const session = createTestSession();
  const chat = {
    session,
    /** Without it only the Connect stream is there. */
    hasSocket: true,
    /** The first frame of every socket, and `stream` for every stream. */
    auths: [] as { way: string; token?: string; cursor: string }[],
    /** What sockets are told instead of being greeted, and streams end with. */
    refusal: undefined as { frame: string; error: ConnectError | undefined } | undefined,
    /** What each next connection sends at once; `ready` alone by default. */
    greetings: [] as Sent[][],
    /** How many sockets are over. */
    closed: 0,
    /** The connections there were. */
    open: [] as { send(response: Sent): void; frame(text: string): void; cut(code?: number): void }[],
  };
  const rpc = connectNodeAdapter({
    routes(router) {
      session.route(router);
      router.service(ChatService, {
        async *subscribe({ cursor }, { requestHeader }) {
          if (!session.isGood(requestHeader.get("authorization") ?? ""))
            throw new ConnectError("", Code.Unauthenticated);
          if (chat.refusal?.error) throw chat.refusal.error;
          chat.auths.push({ way: "stream", cursor });
          yield* chat.greetings.shift() ?? [ready];
          await new Promise((_, reject) => chat.open.push({ send() {}, frame() {}, cut: reject }));
        },
      });
    },
  });
  const http = createServer(rpc);
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (req: IncomingMessage, socket, head) => {
    if (!chat.hasSocket || req.url !== "/v1/ws") return void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    sockets.handleUpgrade(req, socket, head, greet);
  });
  function greet(socket: WebSocket): void {
    const send = (response: Sent) =>
      socket.send(JSON.stringify(toJson(SubscribeResponseSchema, create(SubscribeResponseSchema, response))));
    socket.once("close", () => {
      chat.closed += 1;
    });
    socket.once("message", (text) => {
      const { type, token, cursor } = JSON.parse(String(text));
      expect(type).toBe("auth");
      if (!session.isGood(`Bearer ${token}`)) return socket.close(4401);
      if (chat.refusal) {
        socket.send(chat.refusal.frame);
        return socket.close(1011);
      }
      chat.auths.push({ way: "socket", token, cursor });
      for (const response of chat.greetings.shift() ?? [ready]) send(response);
      const cut = (code?: number) => (code ? socket.close(code) : socket.terminate());
      chat.open.push({ send, frame: (frame) => socket.send(frame), cut });
    });
  }
  return { chat, http };
}

let { chat, http } = makeChat();
let baseUrl: string;
let subscription: Subscription | undefined;

beforeEach(async () => {
  ({ chat, http } = makeChat());
  baseUrl = await listen(http);
});
afterEach(async () => {
  subscription?.close();
  await shut(http);
});

function follow(options: Partial<SubscribeOptions> = {}) {
  const heard: SubscribeResponse[] = [];
  const states: string[] = [];
  const ends: ConnectError[] = [];
  const lyceum = createLyceum({ baseUrl, storage: chat.session.store });
  subscription = lyceum.subscribe({
    onResponse: (response) => heard.push(response),
    onState: (state) => states.push(state),
    onEnd: (error) => ends.push(error),
    ...options,
  });
  const ids = () => heard.flatMap(({ event }) => (event.case === "message" ? event.value.id : []));
  return { lyceum, heard, states, ends, ids };
}

const connected = (count: number) => vi.waitFor(() => expect(chat.open).toHaveLength(count), { timeout: 5_000 });

test("signs in with the first frame and tells what happens", async () => {
  const { heard, ids, states } = follow();
  await connected(1);
  expect(chat.auths).toEqual([{ way: "socket", token: "access-0", cursor: "" }]);
  chat.open[0]?.send(said(1));
  chat.open[0]?.send({ cursor: "c1", event: { case: "typing", value: { roomId: "room", userId: "grace" } } });
  await vi.waitFor(() => expect(heard.map(({ event }) => event.case)).toEqual(["ready", "message", "typing"]));
  expect(ids()).toEqual(["m1"]);
  expect(states).toEqual(["live"]);
  expect(subscription?.cursor).toBe("c1");
});

test.each([undefined, 1012, 4408])("goes on with the cursor after a connection that ends with %s", async (code) => {
  chat.greetings = [
    [ready, said(1), said(2)],
    [said(2), said(3), ready],
  ];
  const { ids, states } = follow();
  await connected(1);
  await vi.waitFor(() => expect(ids()).toEqual(["m1", "m2"]));
  chat.open[0]?.cut(code);
  await connected(2);
  await vi.waitFor(() => expect(ids()).toEqual(["m1", "m2", "m3"]));
  expect(chat.auths.map(({ cursor }) => cursor)).toEqual(["", "c2"]);
  expect(states).toEqual(["live", "waiting", "connecting", "live"]);
});

test("drops repeated changes in each room by itself", async () => {
  chat.greetings = [[said(5, "a"), said(2, "b"), said(5, "a"), said(1, "b"), said(6, "a"), ready]];
  const { heard } = follow();
  await vi.waitFor(() => expect(subscription?.state).toBe("live"));
  const told = heard.flatMap(({ event }) =>
    event.case === "message" ? `${event.value.roomId}${event.value.change}` : [],
  );
  expect(told).toEqual(["a5", "b2", "a6"]);
});

test("after a reset lower changes count again", async () => {
  const reset: Sent = { cursor: "r", event: { case: "reset", value: { reason: "FOREIGN" } } };
  chat.greetings = [[ready, said(7), reset, said(3)]];
  const { heard } = follow({ cursor: "of another home" });
  await vi.waitFor(() =>
    expect(heard.map(({ event }) => event.case)).toEqual(["ready", "message", "reset", "message"]),
  );
  expect(chat.auths[0]?.cursor).toBe("of another home");
  expect(subscription?.cursor).toBe("c3");
});

test("takes the Connect stream where sockets do not get through", async () => {
  chat.hasSocket = false;
  chat.greetings = [
    [said(1), ready],
    [said(1), said(2), ready],
  ];
  const { ids } = follow();
  await connected(1);
  await vi.waitFor(() => expect(subscription?.state).toBe("live"));
  chat.open[0]?.cut();
  await connected(2);
  await vi.waitFor(() => expect(ids()).toEqual(["m1", "m2"]));
  expect(chat.auths.map(({ way, cursor }) => `${way} ${cursor}`)).toEqual(["stream ", "stream c0"]);
});

test.each([Code.Unimplemented, Code.NotFound])(
  "takes the stream where the other end of the socket knows no rooms (%d), and ends where the stream does not either",
  async (code) => {
    const error = { code: code === Code.NotFound ? "not_found" : "unimplemented", detail: "No rooms here." };
    chat.refusal = { frame: JSON.stringify({ type: "error", error }), error: undefined };
    const { ends } = follow();
    await vi.waitFor(() => expect(subscription?.state).toBe("live"));
    expect(chat.auths.map(({ way }) => way)).toEqual(["stream"]);
    chat.refusal.error = new ConnectError("No rooms here.", code);
    chat.open[0]?.cut();
    await vi.waitFor(() => expect(ends.map((end) => end.code)).toEqual([code]));
  },
);

test("a token that is refused is renewed, and a session that has ended ends the subscription", async () => {
  chat.session.good = "access-7";
  const { ends, lyceum } = follow();
  await connected(1);
  expect(chat.auths[0]?.token).toBe("access-8");
  chat.session.ended = true;
  chat.session.good = "none";
  chat.open[0]?.cut(4401);
  await vi.waitFor(() => expect(subscription?.state).toBe("ended"));
  expect(ends.map(({ code }) => code)).toEqual([Code.Unauthenticated]);
  expect(lyceum.session.current()).toBeUndefined();
});

test("signing out ends it at once", async () => {
  const { ends, lyceum } = follow();
  await connected(1);
  void lyceum.session.signOut();
  expect(subscription?.state).toBe("ended");
  expect(ends).toHaveLength(1);
});

test("a refusal that no other try changes ends it with the problem of the error frame", async () => {
  const { ends } = follow();
  await connected(1);
  const error = { code: "permission_denied", reason: "SUSPENDED", detail: "You may not." };
  chat.open[0]?.frame(JSON.stringify({ type: "error", error }));
  chat.open[0]?.cut(4400);
  await vi.waitFor(() => expect(ends.map(({ rawMessage }) => rawMessage)).toEqual(["You may not."]));
});

test("damaged and unknown frames harm nothing", async () => {
  const { ids } = follow();
  await connected(1);
  for (const frame of ["{", "null", "7", '{"type":"later"}', '{"cursor":"c9","somethingNew":{}}']) {
    chat.open[0]?.frame(frame);
  }
  chat.open[0]?.send(said(1));
  await vi.waitFor(() => expect(ids()).toEqual(["m1"]));
});

test("nothing more is told once it is closed", async () => {
  chat.greetings = [[said(1), said(2), said(3), ready]];
  const heard: string[] = [];
  follow({
    onResponse({ cursor }) {
      heard.push(cursor);
      if (cursor === "c2") subscription?.close();
    },
  });
  await vi.waitFor(() => expect(chat.closed).toBe(1));
  expect(heard).toEqual(["c1", "c2"]);
});

test("waits for a server that is down", async () => {
  const { port } = new URL(baseUrl);
  await shut(http);
  const { ids, states } = follow();
  await vi.waitFor(() => expect(states).toContain("waiting"));
  await listen(http as Server, Number(port));
  chat.greetings = [[said(1), ready]];
  await connected(1);
  await vi.waitFor(() => expect(ids()).toEqual(["m1"]));
});
