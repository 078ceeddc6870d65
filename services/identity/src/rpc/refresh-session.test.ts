import { Code } from "@connectrpc/connect";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashRefreshToken } from "../refresh-token.ts";
import { refreshTokens, sessions } from "../schema.ts";
import { forgetEndedSessions } from "../session.ts";
import { failureOf, type Someone, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const refresh = async (refreshToken: string) => {
  const { session } = await identity.anonymous.refreshSession({ refreshToken });
  if (!session) throw new Error("A refresh answers a session.");
  return session;
};
const revocationsOf = (sessionId: string) =>
  identity.process.events().filter(({ type, key }) => type.endsWith("SessionRevoked") && key === sessionId);

/** Makes it so long ago that `token` was replaced. */
const age = (token: string, seconds: number) =>
  identity.host.database.db
    .update(refreshTokens)
    .set({ replaceTime: sql`${refreshTokens.replaceTime} - make_interval(secs => ${seconds})` })
    .where(eq(refreshTokens.hash, hashRefreshToken(token)));
const moveSession = (sessionId: string, times: { createTime?: Date; lastSeenTime?: Date }) =>
  identity.host.database.db.update(sessions).set(times).where(eq(sessions.id, sessionId));
const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3_600_000);

test("gives a new token of at least 128 bits and keeps the session", async () => {
  const { refreshToken, sessionId, userId } = await identity.someone();
  const session = await refresh(refreshToken);
  expect(session.sessionId).toBe(sessionId);
  expect(session.refreshToken).not.toBe(refreshToken);
  expect(Buffer.from(session.refreshToken, "base64url").length).toBeGreaterThanOrEqual(16);
  expect((await identity.holding(session).getAccount({})).user?.id).toBe(userId);
});

test("gives twenty tabs that refresh at once one successor", async () => {
  const { refreshToken, sessionId } = await identity.someone();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
  const successors = new Set(answers.map((session) => session.refreshToken));
  expect(successors.size).toBe(1);
  const [successor = ""] = successors;
  expect((await refresh(successor)).sessionId).toBe(sessionId);
  expect(revocationsOf(sessionId)).toEqual([]);
});

test("repeats the successor to a client whose answer was lost", async () => {
  const { refreshToken } = await identity.someone();
  const lost = await refresh(refreshToken);
  await age(refreshToken, 25);
  const repeated = await refresh(refreshToken);
  expect(repeated.refreshToken).toBe(lost.refreshToken);
  expect((await refresh(repeated.refreshToken)).sessionId).toBe(lost.sessionId);
});

describe("a token reused after the grace", () => {
  let victim: Someone;
  let successor: string;
  beforeAll(async () => {
    victim = await identity.someone();
    successor = (await refresh(victim.refreshToken)).refreshToken;
    await age(victim.refreshToken, 31);
  });

  test("revokes its whole session, whose access token is refused within a second", async () => {
    expect(await failureOf(refresh(victim.refreshToken))).toMatchObject({
      code: Code.Unauthenticated,
      reason: "SESSION_REVOKED",
    });
    expect(await failureOf(refresh(successor))).toMatchObject({ reason: "SESSION_REVOKED" });
    await identity.process.eventually(
      async () => expect(await failureOf(victim.client.getAccount({}))).toMatchObject({ code: Code.Unauthenticated }),
      { timeoutMs: 1_000 },
    );
  });

  test("is told of once", async () => {
    await failureOf(refresh(victim.refreshToken));
    await identity.process.eventually(() => expect(revocationsOf(victim.sessionId)).toHaveLength(1));
    expect(revocationsOf(victim.sessionId)[0]?.data).toMatchObject({
      sessionId: victim.sessionId,
      userId: victim.userId,
    });
  });

  test("leaves the person's other sessions alone", async () => {
    const other = await identity.someone();
    expect((await refresh(other.refreshToken)).sessionId).toBe(other.sessionId);
  });
});

test.each(["x", "0".repeat(43), "nul\0", "x".repeat(256)])("does not know the token %j", async (refreshToken) => {
  expect(await failureOf(refresh(refreshToken))).toMatchObject({
    code: Code.Unauthenticated,
    reason: "INVALID_REFRESH_TOKEN",
  });
});

test.each(["", "x".repeat(4_097)])("refuses the malformed token %j", async (refreshToken) => {
  expect(await failureOf(refresh(refreshToken))).toMatchObject({ code: Code.InvalidArgument });
});

test("ends sessions that idle for 30 days, or are 180 days old", async () => {
  const [idle, old, busy] = [await identity.someone(), await identity.someone(), await identity.someone()];
  await moveSession(idle.sessionId, { createTime: daysAgo(60), lastSeenTime: daysAgo(30.01) });
  await moveSession(old.sessionId, { createTime: daysAgo(180.01) });
  await moveSession(busy.sessionId, { createTime: daysAgo(179.9), lastSeenTime: daysAgo(29.9) });
  expect(await failureOf(refresh(idle.refreshToken))).toMatchObject({ reason: "INVALID_REFRESH_TOKEN" });
  expect(await failureOf(refresh(old.refreshToken))).toMatchObject({ reason: "INVALID_REFRESH_TOKEN" });
  expect((await refresh(busy.refreshToken)).sessionId).toBe(busy.sessionId);

  await forgetEndedSessions(identity.host, new Date());
  const left = await identity.host.database.db.select({ id: sessions.id }).from(sessions);
  const ids = left.map(({ id }) => id);
  expect(ids).toContain(busy.sessionId);
  expect(ids).not.toContain(idle.sessionId);
  expect(ids).not.toContain(old.sessionId);
  // What they have open is cut.
  const revoked = () =>
    identity.process.events().flatMap(({ type, key }) => (type.endsWith("SessionRevoked") ? [key] : []));
  await identity.process.eventually(() =>
    expect(revoked()).toEqual(expect.arrayContaining([idle.sessionId, old.sessionId])),
  );
  expect(revoked()).not.toContain(busy.sessionId);
});

test("keeps no token, only hashes", async () => {
  const { refreshToken } = await identity.someone();
  const successor = await refresh(refreshToken);
  const rows = JSON.stringify(await identity.host.database.db.select().from(refreshTokens));
  expect(rows).toContain(hashRefreshToken(successor.refreshToken));
  expect(rows).not.toContain(refreshToken);
  expect(rows).not.toContain(successor.refreshToken);
});
