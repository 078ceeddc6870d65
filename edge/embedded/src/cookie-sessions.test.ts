import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { chatService } from "@lyceum/chat";
import { filesService } from "@lyceum/files";
import { gatewayService } from "@lyceum/gateway";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { identityService } from "@lyceum/identity";
import { profileService } from "@lyceum/profile";
import { startServices, type TestProcess } from "@lyceum/testing";
import { password, signInAgain, signUp } from "@lyceum/testing/person.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  type BrowserPerson,
  enterByCookie,
  pageHeaders,
  sessionCookieOf,
  setCookieOf,
} from "./browser-person.testing.ts";

const school = "https://school.example.org";
let lyceum: TestProcess;
let ada: BrowserPerson;
let fileId: string;
beforeAll(async () => {
  const env = { LYCEUM_ALLOWED_ORIGINS: school };
  lyceum = await startServices([gatewayService, identityService, profileService, filesService, chatService], { env });
  ada = await enterByCookie(lyceum.url);
  const stored = await ada.fetch("/v1/files?name=tides.txt", { method: "POST", body: "Spring tides." });
  fileId = (await stored.json()).file.id;
});
afterAll(() => lyceum[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string>>;
type Call = (headers: Headers) => Promise<string>;

/** `ok`, or why not: a word of Connect's, the reason of a problem, or the status of a handshake. */
const said = async (res: Response): Promise<string> => {
  const text = await res.text();
  if (res.ok) return "ok";
  const { reason, details } = JSON.parse(text);
  return reason ?? details?.[0]?.debug?.reason ?? String(res.status);
};
const rpc =
  (make: (options: { baseUrl: string; httpVersion: "1.1" }) => ReturnType<typeof createConnectTransport>): Call =>
  async (headers) => {
    const client = createClient(FileService, make({ baseUrl: lyceum.url, httpVersion: "1.1" }));
    try {
      await client.createFolder({ name: crypto.randomUUID() }, { headers });
      return "ok";
    } catch (error) {
      return Code[ConnectError.from(error).code];
    }
  };
const http =
  (method: string, path: () => string, more: Headers = {}, body?: string): Call =>
  async (headers) =>
    said(await fetch(lyceum.url + path(), { method, headers: { ...more, ...headers }, ...(body && { body }) }));

/** The first frame of what happens in rooms, or the status of a refused handshake. */
const handshake: Call = (headers) =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${lyceum.url.replace("http", "ws")}/v1/ws`, { headers });
    socket.once("open", () => socket.send('{"type":"auth"}'));
    socket.once("message", (data) => {
      resolve(JSON.parse(String(data)).ready ? "ok" : String(data));
      socket.terminate();
    });
    socket.once("unexpected-response", (_, res) => resolve(String(res.statusCode)));
    socket.on("error", () => undefined);
  });
const events: Call = async (headers) => {
  const res = await fetch(`${lyceum.url}/v1/events`, { headers: { accept: "text/event-stream", ...headers } });
  if (!res.ok) return said(res);
  const { value } = (await res.body?.getReader().read()) ?? {};
  return new TextDecoder().decode(value).includes("event: ready") ? "ok" : "nothing";
};

/** Every way to call that changes something, or that stays open; and what it says to whom it refuses for the origin. */
const changes: [string, Call, string][] = [
  ["Connect", rpc(createConnectTransport), "PermissionDenied"],
  ["gRPC-Web", rpc(createGrpcWebTransport), "PermissionDenied"],
  ["gRPC", rpc(({ baseUrl }) => createGrpcTransport({ baseUrl })), "PermissionDenied"],
  [
    "REST",
    http("PATCH", () => `/v1/files/${fileId}`, { "content-type": "application/json" }, '{"name":"a.txt"}'),
    "ORIGIN_REFUSED",
  ],
  ["an upload", http("POST", () => "/v1/files?name=b.txt", {}, "b"), "ORIGIN_REFUSED"],
  ["tus", http("POST", () => "/v1/uploads", { "tus-resumable": "1.0.0", "upload-length": "3" }), "ORIGIN_REFUSED"],
  ["a WebSocket", handshake, "403"],
];
const reads: [string, Call][] = [
  ["REST", http("GET", () => `/v1/files/${fileId}`)],
  ["a download", http("GET", () => `/v1/files/${fileId}/content`)],
  [
    "Connect by GET",
    http(
      "GET",
      () =>
        `/lyceum.files.v1.FileService/GetFile?connect=v1&encoding=json&message=${encodeURIComponent(JSON.stringify({ fileId }))}`,
    ),
  ],
  ["server-sent events", events],
];
const foreign = ["https://evil.example.com", "https://other.example.org", "http://127.0.0.1:1", "null"];

test("is httpOnly and of this site only, and its answer holds no token", async () => {
  const res = await fetch(`${lyceum.url}/v1/auth/sign-in`, {
    method: "POST",
    headers: pageHeaders(lyceum.url),
    body: JSON.stringify({ email: ada.email, password }),
  });
  expect(setCookieOf(res)).toMatch(/^lyceum-session=[\w-]{43}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Strict$/);
  expect(res.headers.getSetCookie()).toHaveLength(2);
  const { session } = await res.json();
  expect(session).toMatchObject({ accessToken: "", refreshToken: "", sessionId: expect.stringMatching(/./) });
  const { sql } = lyceum.host("identity").database;
  const rows = await sql`select * from sessions where id = ${session.sessionId}`;
  expect(rows[0]?.cookie_hash).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(rows)).not.toContain(sessionCookieOf(res)?.split("=")[1]);
});

describe.each(changes)("by %s", (_, call, refusal) => {
  test("works from Lyceum's own pages and allowed ones, and is refused from any other, and from nowhere", async () => {
    const { cookie } = ada;
    expect(await call({ cookie, origin: lyceum.url })).toBe("ok");
    expect(await call({ cookie, "sec-fetch-site": "same-origin" })).toBe("ok");
    expect(await call({ cookie, origin: school })).toBe("ok");
    expect(await call({ cookie, origin: school, "sec-fetch-site": "cross-site" })).toBe(refusal);
    for (const origin of foreign) expect([origin, await call({ cookie, origin })]).toEqual([origin, refusal]);
    for (const site of ["none", "same-site", "cross-site"])
      expect([site, await call({ cookie, "sec-fetch-site": site })]).toEqual([site, refusal]);
    expect(await call({ cookie })).toBe(refusal);
  });
});

test.each(reads)("is read with by %s, but not by other sites' pages", async (_, call) => {
  const from = (headers: Headers) => call({ cookie: ada.cookie, ...headers });
  expect(await from({})).toBe("ok");
  expect(await from({ origin: school })).toBe("ok");
  for (const origin of foreign) expect([origin, await from({ origin })]).toEqual([origin, "ORIGIN_REFUSED"]);
  const bySite = { "same-origin": "ok", none: "ok", "same-site": "ORIGIN_REFUSED", "cross-site": "ORIGIN_REFUSED" };
  for (const [site, outcome] of Object.entries(bySite))
    expect([site, await from({ "sec-fetch-site": site })]).toEqual([site, outcome]);
});

test("is kept out of shared caches, and shared with allowed origins alone", async () => {
  const message = encodeURIComponent(JSON.stringify({ fileId }));
  const path = `/lyceum.files.v1.FileService/GetFile?connect=v1&encoding=json&message=${message}`;
  const allowed = await ada.fetch(path, { origin: school });
  expect(allowed.headers.get("cache-control")).toMatch(/private|no-store/);
  expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
  const refused = await ada.fetch(path, { origin: "https://evil.example.com" });
  expect([refused.status, refused.headers.get("access-control-allow-credentials")]).toEqual([403, null]);
});

test("cannot be forced on anybody: a sign-in that asks for it has to come from a page of Lyceum's own", async () => {
  const body = JSON.stringify({ email: ada.email, password });
  for (const origin of foreign) {
    for (const path of ["/v1/auth/sign-in", "/lyceum.identity.v1.IdentityService/SignIn"]) {
      const res = await fetch(lyceum.url + path, { method: "POST", headers: pageHeaders(origin), body });
      expect([res.status, setCookieOf(res)]).toEqual([403, undefined]);
    }
  }
  const { origin: _, ...nowhere } = pageHeaders(lyceum.url);
  const silent = await fetch(`${lyceum.url}/v1/auth/sign-in`, { method: "POST", headers: nowhere, body });
  expect([silent.status, setCookieOf(silent)]).toEqual([403, undefined]);
  const client = createClient(IdentityService, createGrpcWebTransport({ baseUrl: lyceum.url, httpVersion: "1.1" }));
  const evil = client.signIn({ email: ada.email, password }, { headers: pageHeaders("https://evil.example.com") });
  await expect(evil).rejects.toMatchObject({ code: Code.PermissionDenied });
  // A form can send no such header, and so gets no cookie.
  const form = await fetch(`${lyceum.url}/v1/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "https://evil.example.com" },
    body,
  });
  expect(setCookieOf(form)).toBeUndefined();
});

test.each([
  ["Connect", createConnectTransport],
  ["gRPC-Web", createGrpcWebTransport],
] as const)("is set by %s too", async (_, make) => {
  const client = createClient(IdentityService, make({ baseUrl: lyceum.url, httpVersion: "1.1" }));
  let lines: string[] = [];
  const { session } = await client.signIn(
    { email: ada.email, password },
    {
      headers: { "lyceum-session": "cookie", origin: lyceum.url },
      onHeader: (headers) => {
        lines = headers.getSetCookie();
      },
    },
  );
  expect([session?.accessToken, session?.refreshToken]).toEqual(["", ""]);
  const cookie = lines.find((line) => line.startsWith("lyceum-session="))?.split(";")[0] ?? "";
  expect((await fetch(`${lyceum.url}/v1/account`, { headers: { cookie } })).status).toBe(200);
});

test("gives way to an Authorization header, whoever's it is and however bad", async () => {
  const bob = await signUp(lyceum.url, "Bob");
  const { cookie } = ada;
  const whoIs = async (authorization: string, origin = lyceum.url) => {
    const res = await fetch(`${lyceum.url}/v1/account`, { headers: { cookie, authorization, origin } });
    return res.ok ? (await res.json()).user.id : res.status;
  };
  expect(await whoIs(`Bearer ${bob.token}`)).toBe(bob.userId);
  expect(await whoIs(`Bearer ${bob.token}`, "https://evil.example.com")).toBe(bob.userId);
  const serviceToken = `Bearer e30.${Buffer.from('{"aud":"identity"}').toString("base64url")}.c2ln`;
  for (const bad of ["Bearer garbage", "Basic YTpi", "Bearer lyk_unknown", serviceToken])
    expect([bad, await whoIs(bad)]).toEqual([bad, 401]);
});

test("changes nothing by GET, whatever method a header names instead", async () => {
  const { id } = (await (await ada.fetch("/v1/files?name=kept.txt", { method: "POST", body: "kept" })).json()).file;
  const res = await ada.fetch(`/v1/files/${id}`, { origin: null, headers: { "x-http-method-override": "DELETE" } });
  expect(res.status).toBe(200);
  expect((await (await ada.fetch(`/v1/files/${id}`)).json()).file.state).toBe("FILE_STATE_READY");
});

test("of nobody is unauthenticated, and in nobody's way where anybody may call", async () => {
  const cookie = "lyceum-session=unknown; lyceum-device=x";
  const asked = { headers: { cookie, origin: lyceum.url } };
  expect(await said(await fetch(`${lyceum.url}/v1/account`, asked))).toBe("SESSION_COOKIE_INVALID");
  expect((await fetch(`${lyceum.url}/.well-known/jwks.json`, asked)).status).toBe(200);
  expect((await enterByCookie(lyceum.url, { cookie })).userId).toMatch(/./);
});

/** Everything of a person's that stays open: a socket's close code, an event stream's end, a Connect stream's code. */
async function follow({ cookie }: { cookie: string }) {
  const headers = { cookie, origin: lyceum.url };
  const socket = new WebSocket(`${lyceum.url.replace("http", "ws")}/v1/ws`, { headers });
  socket.once("open", () => socket.send('{"type":"auth"}'));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("message", resolve));
  const sse = await fetch(`${lyceum.url}/v1/events`, { headers: { ...headers, accept: "text/event-stream" } });
  const chat = createClient(ChatService, createGrpcTransport({ baseUrl: lyceum.url }));
  const stream: Promise<unknown> = (async () => {
    for await (const _ of chat.subscribe({}, { headers }));
  })().catch((error: unknown) => ConnectError.from(error).code);
  return { closed, events: sse.text(), stream };
}

async function expectCut({ closed, events, stream }: Awaited<ReturnType<typeof follow>>, person: BrowserPerson) {
  const cutMs = 2_000;
  expect(await Promise.race([closed, sleep(cutMs)])).toBe(4401);
  expect(await Promise.race([stream, sleep(cutMs)])).toBe(Code.Unauthenticated);
  expect(await Promise.race([events, sleep(cutMs)])).toContain("event: error");
  const { cookie } = person;
  const read = () => fetch(`${lyceum.url}/v1/account`, { headers: { cookie } });
  await lyceum.eventually(async () => expect((await read()).status).toBe(401), { timeoutMs: cutMs });
}

test("ends within two seconds, over HTTP, WebSockets, server-sent events and streams, when it is revoked or its person suspended", async () => {
  const root = await signUp(lyceum.url, "Root");
  await lyceum.host("identity").database.sql`update users set roles = '{admin}' where id = ${root.userId}`;
  const admin = await signInAgain(lyceum.url, root);
  const eve = await enterByCookie(lyceum.url);
  const other = await enterByCookie(lyceum.url, { email: eve.email });
  const [revoked, suspended] = await Promise.all([follow(eve), follow(other)]);
  expect((await other.fetch(`/v1/auth/sessions/${eve.sessionId}`, { method: "DELETE" })).status).toBe(200);
  await expectCut(revoked, eve);
  await admin.post(`/v1/admin/users/${eve.userId}:suspend`, {});
  await expectCut(suspended, other);
});

test("is deleted by signing out, and replaced by signing in, which ends the one before", async () => {
  const eve = await enterByCookie(lyceum.url);
  const first = await follow(eve);
  const again = await enterByCookie(lyceum.url, eve);
  expect(again.sessionId).not.toBe(eve.sessionId);
  await expectCut(first, eve);
  const out = await again.fetch("/v1/auth/sign-out", {
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  expect(setCookieOf(out)).toMatch(/^lyceum-session=; .*Max-Age=0;/);
});

test("gives way to another one after a step-up and after a new password, and what the one before had open is cut", async () => {
  const eve = await enterByCookie(lyceum.url);
  const { sql } = lyceum.host("identity").database;
  await age(eve, { born: 90, used: 1 });
  const [first] = await sql`select create_time from sessions where id = ${eve.sessionId}`;
  const newPassword = "a lighthouse on the far shore";
  const proofs: [string, object][] = [
    ["reauthenticate", { password }],
    ["change-password", { currentPassword: password, newPassword }],
  ];
  for (const [path, body] of proofs) {
    const before = { ...eve };
    const opened = await follow(before);
    await eve.post(`/v1/auth/${path}`, body);
    expect(eve.cookie).not.toBe(before.cookie);
    await expectCut(opened, before);
    const { sessions } = await (await eve.fetch("/v1/auth/sessions")).json();
    expect(sessions).toMatchObject([{ current: true }]);
    expect(sessions[0].id).not.toBe(eve.sessionId);
    expect(Date.parse(sessions[0].createTime)).toBe(new Date(first?.create_time).getTime());
  }
});

/** Makes it so many days ago that a session began and was last used. */
const age = ({ sessionId }: BrowserPerson, { born, used }: { born: number; used: number }) =>
  lyceum.host("identity").database.sql`
    update sessions set create_time = now() - make_interval(days => ${born}),
      last_seen_time = now() - make_interval(days => ${used}) where id = ${sessionId}`;

test("is worth nothing once it was not used for 30 days or is 180 days old, and until then is seen to be used", async () => {
  const eve = await enterByCookie(lyceum.url);
  const again = () => enterByCookie(lyceum.url, { email: eve.email });
  const [idle, old, used] = [await again(), await again(), await again()];
  await age(idle, { born: 40, used: 31 });
  await age(old, { born: 181, used: 0 });
  await age(used, { born: 179, used: 29 });
  for (const ended of [idle, old]) expect(await said(await ended.fetch("/v1/account"))).toBe("SESSION_COOKIE_INVALID");
  const { sessions } = await (await used.fetch("/v1/auth/sessions")).json();
  const { lastSeenTime } = sessions.find(({ id }: { id: string }) => id === used.sessionId);
  expect(Date.now() - Date.parse(lastSeenTime)).toBeLessThan(60_000);
});

describe("a session that holds tokens", () => {
  const move = (refreshToken: string, headers: object = pageHeaders(lyceum.url)) =>
    fetch(`${lyceum.url}/v1/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ refreshToken }),
    });

  test("moves into a cookie by its refresh token, the same for all tabs, and never back", async () => {
    const eve = await signUp(lyceum.url, "Eve");
    const tabs = await Promise.all([1, 2, 3].map(() => move(eve.refreshToken)));
    const [cookie = "", ...others] = new Set(tabs.map(sessionCookieOf));
    expect([cookie.length > 50, others]).toEqual([true, []]);
    for (const tab of tabs) expect((await tab.json()).session).toMatchObject({ accessToken: "", refreshToken: "" });
    const account = await fetch(`${lyceum.url}/v1/account`, { headers: { cookie } });
    expect((await account.json()).user.id).toBe(eve.userId);
    expect(await said(await move(eve.refreshToken, {}))).toBe("INVALID_REFRESH_TOKEN");
  });

  test("moves in place of the session whose cookie was there before", async () => {
    const [eve, bob] = [await signUp(lyceum.url, "Eve"), await enterByCookie(lyceum.url)];
    const opened = await follow(bob);
    const { cookie } = bob;
    expect((await move(eve.refreshToken, { ...pageHeaders(lyceum.url), cookie })).status).toBe(200);
    await expectCut(opened, bob);
  });

  test("that has moved ends where its old token comes back later, even after a step-up: somebody else had it", async () => {
    const eve = await signUp(lyceum.url, "Eve");
    const moved = sessionCookieOf(await move(eve.refreshToken)) ?? "";
    const proved = await fetch(`${lyceum.url}/v1/auth/reauthenticate`, {
      method: "POST",
      headers: { ...pageHeaders(lyceum.url), cookie: moved },
      body: JSON.stringify({ password }),
    });
    const cookie = sessionCookieOf(proved) ?? "";
    expect((await fetch(`${lyceum.url}/v1/account`, { headers: { cookie } })).status).toBe(200);
    const { sql } = lyceum.host("identity").database;
    await sql`update refresh_tokens set replace_time = replace_time - interval '31 seconds'`;
    expect(await said(await move(eve.refreshToken))).toBe("SESSION_REVOKED");
    const read = () => fetch(`${lyceum.url}/v1/account`, { headers: { cookie } });
    await lyceum.eventually(async () => expect((await read()).status).toBe(401), { timeoutMs: 2_000 });
  });
});
