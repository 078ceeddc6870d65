import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { chatService } from "@lyceum/chat";
import { filesService } from "@lyceum/files";
import { gatewayService } from "@lyceum/gateway";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { identityService } from "@lyceum/identity";
import { profileService } from "@lyceum/profile";
import { startServices, type TestProcess } from "@lyceum/testing";
import { type Person, password, signInAgain, signUp } from "@lyceum/testing/person.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";

let lyceum: TestProcess;
let ada: Person;
beforeAll(async () => {
  lyceum = await startServices([gatewayService, identityService, profileService, filesService, chatService]);
  ada = await signUp(lyceum.url, "Ada");
});
afterAll(() => lyceum[Symbol.asyncDispose]());

async function makeKey(scopes: string[], more: object = {}): Promise<{ id: string; secret: string }> {
  const { apiKey, secret } = await ada.post("/v1/api-keys", { name: "robot", scopes, ...more });
  return { id: apiKey.id, secret };
}

const call = (secret: string, path: string, init: RequestInit = {}) =>
  fetch(lyceum.url + path, { ...init, headers: { authorization: `Bearer ${secret}`, ...init.headers } });

/** The status and, of a failure, the reason. */
async function outcome(res: Response): Promise<(string | number)[]> {
  const body = await res.text();
  return res.ok ? [res.status] : [res.status, JSON.parse(body).reason ?? JSON.parse(body).details?.[0]?.debug?.reason];
}

/** Listens to what happens in rooms; resolves with the first frame and, later, the close code. */
function listen(secret: string) {
  const socket = new WebSocket(`${lyceum.url.replace("http", "ws")}/v1/ws`);
  socket.once("open", () => socket.send(JSON.stringify({ type: "auth", token: secret })));
  const first = new Promise<string>((resolve) => socket.once("message", (data) => resolve(String(data))));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  return { socket, first, closed };
}

/** Listens over gRPC; resolves with the code that it ends with. */
async function subscribe(secret: string): Promise<Code | undefined> {
  const chat = createClient(ChatService, createGrpcTransport({ baseUrl: lyceum.url }));
  try {
    for await (const _ of chat.subscribe({}, { headers: { authorization: `Bearer ${secret}` } }));
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

test("works over REST, Connect, gRPC, uploads, server-sent events and WebSockets", async () => {
  const { secret } = await makeKey(["files:write", "chat:read"]);
  const upload = await call(secret, "/v1/files?name=tides.txt", { method: "POST", body: "Spring tides." });
  expect(upload.status).toBe(201);
  const { file } = (await upload.json()) as { file: { id: string; ownerId: string } };
  expect(file.ownerId).toBe(ada.userId);
  expect(await (await call(secret, `/v1/files/${file.id}/content`)).text()).toBe("Spring tides.");
  expect((await (await call(secret, "/v1/files")).json()).files).toHaveLength(1);

  const headers = { authorization: `Bearer ${secret}` };
  for (const transport of [
    createConnectTransport({ baseUrl: lyceum.url, httpVersion: "1.1" }),
    createConnectTransport({ baseUrl: lyceum.url, httpVersion: "1.1", useHttpGet: true }),
    createGrpcTransport({ baseUrl: lyceum.url }),
  ]) {
    const got = await createClient(FileService, transport).getFile({ fileId: file.id }, { headers });
    expect(got.file?.id).toBe(file.id);
  }
  const tus = { "tus-resumable": "1.0.0", "upload-length": "3", "upload-metadata": `filename ${btoa("a.txt")}` };
  expect((await call(secret, "/v1/uploads", { method: "POST", headers: tus })).status).toBe(201);

  const events = await call(secret, "/v1/events", { headers: { accept: "text/event-stream" } });
  expect(new TextDecoder().decode((await events.body?.getReader().read())?.value)).toContain("event: ready");
  const { first, socket } = listen(secret);
  expect(JSON.parse(await first)).toHaveProperty("ready");
  socket.terminate();
  const { apiKeys } = await ada.json("/v1/api-keys");
  expect(apiKeys[0]).toMatchObject({ prefix: secret.slice(0, 12), lastUsedTime: expect.stringMatching(/Z$/) });
  expect(JSON.stringify(apiKeys)).not.toContain(secret);
});

test("may call what its scopes name, and nothing else", async () => {
  const { secret } = await makeKey(["files:read", "identity:read"]);
  const json = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const missing = [403, "SCOPE_MISSING"];
  expect(await outcome(await call(secret, "/v1/files"))).toEqual([200]);
  expect(await outcome(await call(secret, "/v1/account"))).toEqual([200]);
  expect(await outcome(await call(secret, "/v1/files?name=a", { method: "POST", body: "a" }))).toEqual(missing);
  expect(await outcome(await call(secret, "/v1/uploads", { method: "POST" }))).toEqual(missing);
  expect(await outcome(await call(secret, "/lyceum.files.v1.FileService/CreateFolder", json))).toEqual(missing);
  expect(await outcome(await call(secret, "/v1/rooms"))).toEqual(missing);
  expect(await outcome(await call(secret, "/v1/events"))).toEqual(missing);
  expect(await listen(secret).closed).toBe(4401);
});

test("never makes keys, ends sessions or signs anybody out, whatever its scopes", async () => {
  const { id, secret } = await makeKey([]);
  const json = (body: object) => ({
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  for (const res of [
    await call(secret, "/v1/api-keys", json({ name: "more" })),
    await call(secret, "/lyceum.identity.v1.IdentityService/CreateApiKey", json({ name: "more" })),
    await call(secret, `/v1/api-keys/${id}`, { method: "DELETE" }),
    await call(secret, "/v1/auth/sign-out", json({})),
  ])
    expect(await outcome(res)).toEqual([403, "SCOPE_MISSING"]);
  const refused = await ada.fetch("/v1/api-keys", json({ name: "robot", scopes: ["identity:write"] }));
  expect(refused.status).toBe(400);
});

test("ends within two seconds when it is revoked, its sockets included", async () => {
  const { id, secret } = await makeKey(["files:read", "chat:read"]);
  const { first, closed } = listen(secret);
  await first;
  expect((await call(secret, "/v1/files")).status).toBe(200);
  await ada.fetch(`/v1/api-keys/${id}`, { method: "DELETE" });
  expect(await closed).toBe(4401);
  await lyceum.eventually(async () => expect((await call(secret, "/v1/files")).status).toBe(401), { timeoutMs: 2_000 });
  expect(await outcome(await ada.fetch(`/v1/api-keys/${id}`, { method: "DELETE" }))).toEqual([
    404,
    "API_KEY_NOT_FOUND",
  ]);
});

test("does not work once it has expired, which cuts what it has open, nor if nobody made it", async () => {
  const expireTime = new Date(Date.now() + 1_500).toISOString();
  const { secret } = await makeKey(["files:read", "chat:read"], { expireTime });
  expect((await call(secret, "/v1/files")).status).toBe(200);
  const socket = listen(secret);
  const events = await call(secret, "/v1/events", { headers: { accept: "text/event-stream" } });
  const heard = subscribe(secret);
  await socket.first;
  expect(await Promise.race([socket.closed, sleep(6_000)])).toBe(4401);
  expect(await Promise.race([heard, sleep(1_000)])).toBe(Code.Unauthenticated);
  expect(await Promise.race([events.text(), sleep(1_000)])).toContain("event: error");
  const refused = [401, "API_KEY_INVALID"];
  await lyceum.eventually(async () => expect(await outcome(await call(secret, "/v1/files"))).toEqual(refused));
  expect(await outcome(await call(`${secret}x`, "/v1/files"))).toEqual(refused);
  expect(await listen(`${secret}x`).closed).toBe(4401);
  // Where anybody may call, a dead key does not stand in the way.
  expect((await call(secret, "/.well-known/jwks.json")).status).toBe(200);
});

test("ends with its person's suspension, as sessions do: over HTTP, WebSockets, server-sent events and streams", async () => {
  const root = await signUp(lyceum.url, "Root");
  const { sql } = lyceum.host("identity").database;
  await sql`update users set roles = '{admin}' where id = ${root.userId}`;
  const admin = await signInAgain(lyceum.url, root);
  const { secret } = await makeKey(["files:read", "chat:read"]);
  for (const token of [ada.token, secret]) expect((await call(token, "/v1/files")).status).toBe(200);
  const sockets = [listen(ada.token), listen(secret)];
  await Promise.all(sockets.map(({ first }) => first));
  const events = await call(ada.token, "/v1/events", { headers: { accept: "text/event-stream" } });
  const heard = subscribe(ada.token);

  await admin.post(`/v1/admin/users/${ada.userId}:suspend`, {});
  const cutMs = 2_000;
  expect(await Promise.race([Promise.all(sockets.map(({ closed }) => closed)), sleep(cutMs)])).toEqual([4401, 4401]);
  expect(await Promise.race([heard, sleep(cutMs)])).toBe(Code.Unauthenticated);
  expect(await Promise.race([events.text(), sleep(cutMs)])).toContain("event: error");
  for (const token of [ada.token, secret]) {
    await lyceum.eventually(async () => expect((await call(token, "/v1/files")).status).toBe(401), {
      timeoutMs: cutMs,
    });
  }
  const again = {
    method: "POST",
    body: JSON.stringify({ email: ada.email, password }),
    headers: { "content-type": "application/json" },
  };
  expect(await outcome(await fetch(`${lyceum.url}/v1/auth/sign-in`, again))).toEqual([403, "ACCOUNT_SUSPENDED"]);
});
