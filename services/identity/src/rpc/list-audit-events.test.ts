import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { and, count, eq, isNull, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAudit, auditEventNames, dropOldAuditEvents } from "../audit.ts";
import { createGuessGuard } from "../guessing/guess-guard.ts";
import { noteFailure } from "../note-failure.ts";
import { auditEvents, refreshTokens } from "../schema.ts";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const adminAs = (roles: string[]) => identity.process.client(AdminService, { person: { roles } });
const database = () => identity.host.database.db;
const refresh = (refreshToken: string) => identity.anonymous.refreshSession({ refreshToken });

test("tells a person what happened to their account, by whom and from where, and to no one else's", async () => {
  const headers = { "user-agent": "Phone/1.0", "lyceum-client-address": "203.0.113.77" };
  const ada = await identity.someone();
  await identity.someone();
  await failureOf(identity.anonymous.signIn({ email: ada.email, password: "not it at all" }, { headers }));
  const { session } = await identity.anonymous.signIn({ email: ada.email, password: goodPassword }, { headers });
  await ada.client.revokeSession({ sessionId: session?.sessionId ?? "" });

  const { auditEvents: seen } = await ada.client.listMyAuditEvents({});
  const self = { actorId: ada.userId, targetId: ada.userId };
  expect(seen).toMatchObject([
    { event: "session-revoked", ...self, details: { sessionId: session?.sessionId } },
    { event: "signed-in", ...self, userAgent: "Phone/1.0", network: "203.0.113.0/24", details: { method: "password" } },
    { event: "sign-in-failed", actorId: "", targetId: ada.userId, network: "203.0.113.0/24" },
    { event: "signed-up", ...self },
  ]);
  for (const { traceId } of seen) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify(seen, (key, value) => (key.startsWith("$") ? undefined : String(value)))).not.toContain(
    "not it",
  );
});

test("notes the reuse of a refresh token, and a sign-out", async () => {
  const [ada, grace] = [await identity.someone(), await identity.someone()];
  await refresh(ada.refreshToken);
  await database()
    .update(refreshTokens)
    .set({ replaceTime: sql`${refreshTokens.replaceTime} - interval '31 seconds'` })
    .where(eq(refreshTokens.sessionId, ada.sessionId));
  await failureOf(refresh(ada.refreshToken));
  await grace.client.signOut({});
  for (const [{ userId }, event] of [[ada, "refresh-token-reused"] as const, [grace, "signed-out"] as const]) {
    const { auditEvents: found } = await adminAs(["admin"]).listAuditEvents({ targetId: userId, event });
    expect(found).toHaveLength(1);
  }
});

test("does not tell a person who else acted on their account", async () => {
  const ada = await identity.someone();
  const client = { network: "198.51.100.0/24", userAgent: "Admin/1.0", traceId: "" };
  await appendAudit(database(), { event: "user-restored", actorId: "another", targetId: ada.userId, client });
  const [own] = (await ada.client.listMyAuditEvents({})).auditEvents;
  expect(own).toMatchObject({ event: "user-restored", actorId: "", userAgent: "", network: "" });
  const [full] = (await adminAs(["admin"]).listAuditEvents({ actorId: "another" })).auditEvents;
  expect(full).toMatchObject({ event: "user-restored", actorId: "another", userAgent: "Admin/1.0" });
});

test("filters by actor, target, event and time, and pages through what is left, each once", async () => {
  const start = Date.UTC(2020, 0, 1);
  for (let index = 0; index < 7; index += 1) {
    const event = index % 2 ? "signed-in" : "signed-out";
    await appendAudit(database(), { event, actorId: "filter", targetId: `t${index % 3}` }, new Date(start + index));
  }
  const list = async (filter: Parameters<ReturnType<typeof adminAs>["listAuditEvents"]>[0]) => {
    const millis: number[] = [];
    let pageToken = "";
    do {
      const page = await adminAs(["admin"]).listAuditEvents({ actorId: "filter", pageSize: 2, pageToken, ...filter });
      millis.push(...page.auditEvents.map(({ eventTime }) => Number(eventTime && timestampDate(eventTime)) - start));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return millis;
  };
  expect(await list({})).toEqual([6, 5, 4, 3, 2, 1, 0]);
  expect(await list({ event: "signed-in" })).toEqual([5, 3, 1]);
  expect(await list({ targetId: "t0" })).toEqual([6, 3, 0]);
  const at = (millis: number) => timestampFromDate(new Date(start + millis));
  expect(await list({ fromTime: at(2), untilTime: at(5) })).toEqual([4, 3, 2]);
  expect(await list({ event: "nul\0" })).toEqual([]);
});

test("is for admins", async () => {
  for (const roles of [[], ["moderator"]]) {
    expect(await failureOf(adminAs(roles).listAuditEvents({}))).toMatchObject({ code: Code.PermissionDenied });
  }
  const admin = adminAs(["admin"]);
  expect(await failureOf(admin.listAuditEvents({ pageToken: "nonsense" }))).toMatchObject({
    code: Code.InvalidArgument,
  });
  const untilTime = { seconds: 99_999_999_999_999n };
  expect(await failureOf(admin.listAuditEvents({ untilTime }))).toMatchObject({ code: Code.InvalidArgument });
});

test.each([
  ["changes", sql`update ${auditEvents} set event = 'signed-in'`],
  ["deletions", sql`delete from ${auditEvents}`],
  ["emptying", sql`truncate ${auditEvents}`],
])("only grows: %s are refused by the database", async (_, statement) => {
  await appendAudit(database(), { event: "signed-up", targetId: "kept" });
  await expect(database().execute(statement)).rejects.toMatchObject({ cause: { code: "42501" } });
  expect(await database().$count(auditEvents, eq(auditEvents.targetId, "kept"))).toBeGreaterThan(0);
});

test("forgets what is older than it is to be kept, and nothing younger than 30 days, whatever it is told", async () => {
  const ago = (days: number) => new Date(Date.now() - days * 24 * 3_600_000);
  for (const days of [400, 31, 1]) await appendAudit(database(), { event: "signed-up", targetId: "aged" }, ago(days));
  const ages = async () => {
    const rows = await database().select().from(auditEvents).where(eq(auditEvents.targetId, "aged"));
    return rows.map(({ time }) => Math.round((Date.now() - time.getTime()) / (24 * 3_600_000))).sort((a, b) => a - b);
  };
  await dropOldAuditEvents(identity.host.database, ago(365));
  expect(await ages()).toEqual([1, 31]);
  await expect(dropOldAuditEvents(identity.host.database, ago(0.5))).rejects.toThrow();
  expect(await ages()).toEqual([1, 31]);
});

test("tells of every way to fail a proof, and of one that is repeated without end only now and then", async () => {
  const ada = await identity.someone();
  const { challenge } = await identity.anonymous.requestSignInCode({ email: ada.email });
  const repeat = async (times: number, fail: () => Promise<unknown>) => {
    for (let count = 0; count < times; count += 1) await failureOf(fail());
  };
  await repeat(1, () => identity.anonymous.signInWithCode({ challenge, code: "00000000" }));
  await repeat(1, () => ada.client.reauthenticate({ proof: { case: "password", value: "not it at all" } }));
  await repeat(1, () => ada.client.reauthenticate({ proof: { case: "totpCode", value: "000000" } }));
  const { auditEvents: own } = await ada.client.listMyAuditEvents({});
  expect(own.slice(0, 3)).toMatchObject([
    { event: "reauthentication-failed", details: { secondFactor: "totpCode" } },
    { event: "reauthentication-failed", details: { method: "password" } },
    { event: "sign-in-failed", details: { method: "mail" } },
  ]);
  const headers = { "lyceum-client-address": "192.0.2.9" };
  await repeat(30, () =>
    identity.anonymous.finishProviderSignIn({ flowToken: "none", callbackQuery: "?" }, { headers }),
  );
  const [{ noted } = { noted: 0 }] = await database()
    .select({ noted: count() })
    .from(auditEvents)
    .where(and(eq(auditEvents.network, "192.0.2.0/24"), isNull(auditEvents.targetId)));
  expect(noted).toBe(20);
});

test("has one word for each event", () => {
  expect(new Set(auditEventNames).size).toBe(auditEventNames.length);
  for (const name of auditEventNames) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
});

test("tells of a session in wrong hands, however often strangers fail to sign in", async () => {
  const ada = await identity.someone();
  const { database } = identity.host;
  const ctx = { database, guesses: createGuessGuard(database) };
  const call = { requestHeader: new Headers(), values: createContextValues() } as HandlerContext;
  for (let tried = 0; tried < 25; tried += 1) await noteFailure(ctx, call, { targetId: ada.userId, details: {} });
  await failureOf(ada.client.reauthenticate({ proof: { case: "totpCode", value: "000000" } }));
  const { auditEvents: own } = await ada.client.listMyAuditEvents({});
  expect(own[0]).toMatchObject({ event: "reauthentication-failed", details: { secondFactor: "totpCode" } });
});
