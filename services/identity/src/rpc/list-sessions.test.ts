import { Code } from "@connectrpc/connect";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const signInFrom = async (email: string, userAgent: string) => {
  const headers = { "user-agent": userAgent };
  const { session } = await identity.anonymous.signIn({ email, password: goodPassword }, { headers });
  if (!session) throw new Error("A sign-in answers a session.");
  return session;
};
const toldOnce = (sessionId: string) =>
  identity.process.eventually(() =>
    expect(identity.process.events().filter(({ key }) => key === sessionId)).toHaveLength(1),
  );

test("lists the caller's sessions, the latest first, and says which one asks", async () => {
  const ada = await identity.someone();
  const phone = await signInFrom(ada.email, "Phone/1.0");
  await identity.someone();
  const { sessions, nextPageToken } = await identity.holding(phone).listSessions({});
  expect(sessions.map(({ id, current }) => ({ id, current }))).toEqual([
    { id: phone.sessionId, current: true },
    { id: ada.sessionId, current: false },
  ]);
  expect(sessions[0]?.userAgent).toBe("Phone/1.0");
  expect(nextPageToken).toBe("");
});

test("keeps 512 characters of the User-Agent", async () => {
  const { email } = await identity.someone();
  const session = await signInFrom(email, "x".repeat(2_000));
  const { sessions } = await identity.holding(session).listSessions({ pageSize: 1 });
  expect(sessions[0]?.userAgent).toBe("x".repeat(512));
});

test("tells when a session was last seen", async () => {
  const { client, refreshToken } = await identity.someone();
  const [before] = (await client.listSessions({})).sessions;
  await identity.anonymous.refreshSession({ refreshToken });
  const [after] = (await client.listSessions({})).sessions;
  const nanos = (session: typeof after) =>
    (session?.lastSeenTime?.seconds ?? 0n) * 1_000_000_000n + BigInt(session?.lastSeenTime?.nanos ?? 0);
  expect(after?.createTime).toEqual(before?.createTime);
  expect(nanos(after)).toBeGreaterThan(nanos(before));
});

test("pages through them, each once", async () => {
  const ada = await identity.someone();
  for (const device of ["b", "c", "d", "e"]) await signInFrom(ada.email, device);
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await ada.client.listSessions({ pageSize: 2, pageToken });
    expect(page.sessions.length).toBeLessThanOrEqual(2);
    seen.push(...page.sessions.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken);
  expect(seen).toHaveLength(5);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
});

test.each(["nonsense", Buffer.from("{}").toString("base64url")])("refuses the page token %s", async (pageToken) => {
  const { client } = await identity.someone();
  expect(await failureOf(client.listSessions({ pageToken }))).toMatchObject({ code: Code.InvalidArgument });
});

test("refuses a page size out of range", async () => {
  const { client } = await identity.someone();
  expect(await failureOf(client.listSessions({ pageSize: 251 }))).toMatchObject({ code: Code.InvalidArgument });
});

test("revokes one's own session, whose tokens end", async () => {
  const ada = await identity.someone();
  const phone = await signInFrom(ada.email, "Phone/1.0");
  await ada.client.revokeSession({ sessionId: phone.sessionId });
  await ada.client.revokeSession({ sessionId: phone.sessionId });
  const { sessions } = await ada.client.listSessions({});
  expect(sessions.map(({ id }) => id)).toEqual([ada.sessionId]);
  const { refreshToken } = phone;
  expect(await failureOf(identity.anonymous.refreshSession({ refreshToken }))).toMatchObject({
    code: Code.Unauthenticated,
    reason: "SESSION_REVOKED",
  });
  await identity.process.eventually(
    async () =>
      expect(await failureOf(identity.holding(phone).getAccount({}))).toMatchObject({ code: Code.Unauthenticated }),
    { timeoutMs: 2_000 },
  );
  await toldOnce(phone.sessionId);
});

test("does not know another person's session, nor an unknown one", async () => {
  const [ada, grace] = [await identity.someone(), await identity.someone()];
  for (const sessionId of [grace.sessionId, "unknown", "nul\0"]) {
    expect(await failureOf(ada.client.revokeSession({ sessionId }))).toMatchObject({
      code: Code.NotFound,
      reason: "SESSION_NOT_FOUND",
    });
  }
  expect((await grace.client.listSessions({})).sessions).toHaveLength(1);
});

test("signs out: the access token is refused within two seconds, and the refresh token at once", async () => {
  const { client, refreshToken, sessionId } = await identity.someone();
  await client.signOut({});
  expect(await failureOf(identity.anonymous.refreshSession({ refreshToken }))).toMatchObject({
    reason: "SESSION_REVOKED",
  });
  await identity.process.eventually(
    async () => expect(await failureOf(client.getAccount({}))).toMatchObject({ code: Code.Unauthenticated }),
    { timeoutMs: 2_000 },
  );
  await toldOnce(sessionId);
});

test("revokes all sessions but the one that asks", async () => {
  const ada = await identity.someone();
  const phone = await signInFrom(ada.email, "Phone/1.0");
  await signInFrom(ada.email, "Tablet/1.0");
  const bob = await identity.someone();
  const client = identity.holding(phone);
  await client.revokeOtherSessions({});
  expect((await client.listSessions({})).sessions.map(({ id }) => id)).toEqual([phone.sessionId]);
  const { refreshToken } = ada;
  expect(await failureOf(identity.anonymous.refreshSession({ refreshToken }))).toMatchObject({
    reason: "SESSION_REVOKED",
  });
  expect((await bob.client.listSessions({})).sessions).toHaveLength(1);
});

test("tells the network that a session was begun in, and not the address", async () => {
  const { email } = await identity.someone();
  const headers = { "lyceum-client-address": "203.0.113.77" };
  const { session } = await identity.anonymous.signIn({ email, password: goodPassword }, { headers });
  const { sessions } = await identity.holding(session).listSessions({ pageSize: 1 });
  expect(sessions[0]?.network).toBe("203.0.113.0/24");
});

test("asks everyone to sign in first", async () => {
  const { anonymous } = identity;
  const calls = [
    anonymous.listSessions({}),
    anonymous.revokeSession({ sessionId: "x" }),
    anonymous.signOut({}),
    anonymous.getAccount({}),
  ];
  for (const call of calls) expect(await failureOf(call)).toMatchObject({ code: Code.Unauthenticated });
});

test("does not know the account of a person who has none", async () => {
  const stranger = identity.process.client(IdentityService, { person: { userId: "stranger" } });
  expect(await failureOf(stranger.getAccount({}))).toMatchObject({ code: Code.NotFound });
});
