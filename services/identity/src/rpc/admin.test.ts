import { type Client, Code } from "@connectrpc/connect";
import { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sessions, users } from "../schema.ts";
import { failureOf, goodPassword, type Someone, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
let root: Someone & { admin: Client<typeof AdminService> };
beforeAll(async () => {
  identity = await startIdentity();
  root = await someoneWith("admin");
});
afterAll(() => identity[Symbol.asyncDispose]());

/** A person who has these roles, signed in with them. */
async function someoneWith(...roles: string[]) {
  const person = await identity.someone();
  await identity.host.database.db.update(users).set({ roles }).where(eq(users.id, person.userId));
  const { session } = await identity.anonymous.signIn({ email: person.email, password: goodPassword });
  const token = session?.accessToken ?? "";
  return { ...person, client: identity.holding(session), admin: identity.process.client(AdminService, { token }) };
}

const signIn = (email: string) => identity.anonymous.signIn({ email, password: goodPassword });
const isCut = (client: Client<typeof IdentityService>) =>
  identity.process.eventually(
    async () => expect(await failureOf(client.getAccount({}))).toMatchObject({ code: Code.Unauthenticated }),
    { timeoutMs: 2_000 },
  );
const factsAbout = (...keys: string[]) =>
  identity.process.events().filter(({ key, type }) => keys.includes(key) && !type.endsWith("UserRegistered"));
const auditOf = async (userId: string) =>
  (await root.admin.listAuditEvents({ targetId: userId })).auditEvents.map(({ event, actorId }) => [event, actorId]);

describe("a suspension", () => {
  test("ends sessions and API keys within two seconds, and keeps the person out until they are restored", async () => {
    const ada = await identity.someone();
    const { session: phone } = await signIn(ada.email);
    const { secret, apiKey } = await ada.client.createApiKey({ name: "script" });
    const { user } = await root.admin.suspendUser({ userId: ada.userId });
    expect(user).toMatchObject({ suspended: true, sessionCount: 0 });
    expect(user?.suspendTime).toBeDefined();
    await Promise.all([isCut(ada.client), isCut(identity.holding(phone))]);
    const keys = [ada.userId, ada.sessionId, phone?.sessionId ?? "", apiKey?.id ?? ""];
    await identity.process.eventually(() =>
      expect(
        factsAbout(...keys)
          .map(({ type, key, data }) => [type.split(".").at(-1), key, data.userId])
          .sort(),
      ).toEqual(keys.map((key, index) => [index ? "SessionRevoked" : "UserSuspended", key, ada.userId]).sort()),
    );

    const { refreshToken } = ada;
    expect(await failureOf(identity.anonymous.refreshSession({ refreshToken }))).toMatchObject({
      reason: "SESSION_REVOKED",
    });
    expect(await failureOf(signIn(ada.email))).toMatchObject({
      code: Code.PermissionDenied,
      reason: "ACCOUNT_SUSPENDED",
    });
    const wrong = identity.anonymous.signIn({ email: ada.email, password: "not the password" });
    expect(await failureOf(wrong)).toMatchObject({ reason: "INVALID_CREDENTIALS" });
    expect(secret).not.toBe("");

    await root.admin.restoreUser({ userId: ada.userId });
    await root.admin.restoreUser({ userId: ada.userId });
    const { session: again } = await signIn(ada.email);
    expect((await identity.holding(again).listApiKeys({})).apiKeys).toEqual([]);
    const audit = (await auditOf(ada.userId)).filter(([event]) => event?.startsWith("user-"));
    expect(audit).toEqual([
      ["user-restored", root.userId],
      ["user-suspended", root.userId],
    ]);
  });

  test("is done for a reason that admins read and the person does not, after a proof of who acts", async () => {
    const [ada, keeper] = [await identity.someone(), await someoneWith("admin")];
    const { db } = identity.host.database;
    const age = (ms: number) =>
      db
        .update(sessions)
        .set({ authTime: new Date(Date.now() - ms) })
        .where(eq(sessions.userId, keeper.userId));
    const reason = " Sells answers\0. ";
    await age(3_600_000);
    for (const call of ["suspendUser", "restoreUser", "revokeUserSessions", "setUserRoles"] as const) {
      const failure = await failureOf(keeper.admin[call]({ userId: ada.userId, reason }));
      expect(failure).toMatchObject({ code: Code.PermissionDenied, reason: "STEP_UP_REQUIRED" });
    }
    await age(0);
    await keeper.admin.suspendUser({ userId: ada.userId, reason });
    await keeper.admin.restoreUser({ userId: ada.userId });
    await keeper.admin.setUserRoles({ userId: ada.userId, roles: ["moderator"], reason: "helps" });
    await keeper.admin.revokeUserSessions({ userId: ada.userId, reason: "lost a phone" });
    const { auditEvents: seen } = await root.admin.listAuditEvents({ actorId: keeper.userId, targetId: ada.userId });
    expect(seen.map(({ event, details }) => [event, details.reason])).toEqual([
      ["session-revoked", "lost a phone"],
      ["roles-changed", "helps"],
      ["user-restored", undefined],
      ["user-suspended", expect.stringMatching(/^Sells answers.?\.$/)],
    ]);
    const { session } = await signIn(ada.email);
    const { auditEvents: own } = await identity.holding(session).listMyAuditEvents({});
    expect(own.map(({ event }) => event)).toContain("user-suspended");
    expect(own.flatMap(({ details }) => details.reason ?? [])).toEqual([]);
    const long = keeper.admin.suspendUser({ userId: ada.userId, reason: "x".repeat(501) });
    expect(await failureOf(long)).toMatchObject({ code: Code.InvalidArgument });
    await db.update(users).set({ roles: [] }).where(eq(users.id, keeper.userId));
  });

  test("is done once", async () => {
    const ada = await identity.someone();
    await Promise.all(Array.from({ length: 4 }, () => root.admin.suspendUser({ userId: ada.userId })));
    await isCut(ada.client);
    await identity.process.eventually(() => expect(factsAbout(ada.userId)).toHaveLength(1));
  });

  test("leaves no session to a sign-in that comes at the same time", async () => {
    const ada = await identity.someone();
    const [, ...signIns] = await Promise.allSettled([
      root.admin.suspendUser({ userId: ada.userId }),
      ...Array.from({ length: 6 }, () => signIn(ada.email)),
    ]);
    const got = signIns.flatMap((one) => (one.status === "fulfilled" && one.value.session ? [one.value.session] : []));
    for (const session of got) await isCut(identity.holding(session));
    expect((await root.admin.getUser({ userId: ada.userId })).user?.sessionCount).toBe(0);
  });
});

describe("roles", () => {
  test("reach the tokens of the next sign-in, and end the sessions before", async () => {
    const ada = await identity.someone();
    const { user } = await root.admin.setUserRoles({ userId: ada.userId, roles: ["moderator"] });
    expect(user?.roles).toEqual(["moderator"]);
    await isCut(ada.client);
    const { session } = await signIn(ada.email);
    const moderator = identity.process.client(AdminService, { token: session?.accessToken ?? "" });
    expect((await moderator.getUser({ userId: root.userId })).user?.email).toBe(root.email);
    expect(await failureOf(moderator.listAuditEvents({}))).toMatchObject({ code: Code.PermissionDenied });
    await root.admin.setUserRoles({ userId: ada.userId, roles: [] });
    await isCut(identity.holding(session));
    expect((await auditOf(ada.userId)).filter(([event]) => event === "roles-changed")).toHaveLength(2);
  });

  test("that stay the same end nothing", async () => {
    const ada = await someoneWith("moderator");
    await root.admin.setUserRoles({ userId: ada.userId, roles: ["moderator"] });
    expect((await ada.client.getAccount({})).user?.roles).toEqual(["moderator"]);
  });

  test.each([["owner"], ["admin", "admin"]])("%s are refused", async (...roles) => {
    expect(await failureOf(root.admin.setUserRoles({ userId: root.userId, roles }))).toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  test("given to two admins who demote each other at once leave one", async () => {
    const [one, two] = [await someoneWith("admin"), await someoneWith("admin")];
    const { db } = identity.host.database;
    await db.update(users).set({ roles: [] }).where(eq(users.id, root.userId));
    try {
      const outcomes = await Promise.allSettled([
        one.admin.setUserRoles({ userId: two.userId, roles: [] }),
        two.admin.setUserRoles({ userId: one.userId, roles: [] }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const left = outcomes[0]?.status === "fulfilled" ? one : two;
      const last = { code: Code.FailedPrecondition, reason: "LAST_ADMIN" };
      expect(await failureOf(left.admin.setUserRoles({ userId: left.userId, roles: ["moderator"] }))).toMatchObject(
        last,
      );
      expect(await failureOf(left.admin.suspendUser({ userId: left.userId }))).toMatchObject(last);
    } finally {
      await db
        .update(users)
        .set({ roles: [] })
        .where(inArray(users.id, [one.userId, two.userId]));
      await db
        .update(users)
        .set({ roles: ["admin"] })
        .where(eq(users.id, root.userId));
    }
  });
});

describe("moderators", () => {
  test("suspend people, but neither admins nor each other, and give no roles", async () => {
    const [moderator, other, ada] = [
      await someoneWith("moderator"),
      await someoneWith("moderator"),
      await identity.someone(),
    ];
    expect((await moderator.admin.suspendUser({ userId: ada.userId })).user?.suspended).toBe(true);
    for (const userId of [root.userId, other.userId, moderator.userId]) {
      for (const call of ["suspendUser", "restoreUser", "revokeUserSessions"] as const) {
        expect(await failureOf(moderator.admin[call]({ userId }))).toMatchObject({
          code: Code.PermissionDenied,
          reason: "ROLE_TOO_LOW",
        });
      }
    }
    const given = moderator.admin.setUserRoles({ userId: moderator.userId, roles: ["admin"] });
    expect(await failureOf(given)).toMatchObject({ code: Code.PermissionDenied });
  });

  test("who were demoted can do nothing more with the token they still hold", async () => {
    const [moderator, ada] = [await someoneWith("moderator"), await identity.someone()];
    await identity.host.database.db.update(users).set({ roles: [] }).where(eq(users.id, moderator.userId));
    expect(await failureOf(moderator.admin.suspendUser({ userId: ada.userId }))).toMatchObject({
      reason: "ROLE_TOO_LOW",
    });
  });
});

test("signs a person out everywhere, but leaves the account and its keys", async () => {
  const ada = await identity.someone();
  await ada.client.createApiKey({ name: "script" });
  await root.admin.revokeUserSessions({ userId: ada.userId });
  await isCut(ada.client);
  const { session } = await signIn(ada.email);
  expect((await identity.holding(session).listApiKeys({})).apiKeys).toHaveLength(1);
});

describe("accounts", () => {
  const list = async (filter: Parameters<typeof root.admin.listUsers>[0]) => {
    const emails: string[] = [];
    let pageToken = "";
    do {
      const page = await root.admin.listUsers({ pageSize: 2, pageToken, ...filter });
      emails.push(...page.users.map(({ email }) => email));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return emails;
  };

  test("are found by the beginning of address or name, by id, role and suspension, each once", async () => {
    const wanted = ["Find_1@example.org", "find%2@example.org", "find-3@example.org"];
    const ids: string[] = [];
    for (const email of wanted) {
      const displayName = `Émile ${email.slice(5, 6)}`;
      const { user } = await identity.anonymous.signUp({ email, password: goodPassword, displayName });
      ids.push(user?.id ?? "");
    }
    expect(await list({ query: "FIND" })).toEqual(wanted.toReversed());
    expect(await list({ query: "find_" })).toEqual(["Find_1@example.org"]);
    expect(await list({ query: "find%" })).toEqual(["find%2@example.org"]);
    expect(await list({ query: "émile 3" })).toEqual(["find-3@example.org"]);
    expect(await list({ query: ids[0] ?? "" })).toEqual(["Find_1@example.org"]);
    expect(await list({ query: "nul\0" })).toEqual([]);
    await root.admin.suspendUser({ userId: ids[1] ?? "" });
    expect(await list({ query: "find", suspended: true })).toEqual(["find%2@example.org"]);
    expect(await list({ role: "admin" })).toEqual([root.email]);
  });

  test("say how many devices are signed in", async () => {
    const ada = await identity.someone();
    await signIn(ada.email);
    const { user } = await root.admin.getUser({ userId: ada.userId });
    expect(user).toMatchObject({ id: ada.userId, email: ada.email, sessionCount: 2, suspended: false, roles: [] });
    expect(user?.lastSeenTime).toBeDefined();
  });

  test("that nobody has are not found", async () => {
    const unknown = { userId: "nul\0" };
    for (const call of ["getUser", "suspendUser", "restoreUser", "revokeUserSessions", "setUserRoles"] as const) {
      expect(await failureOf(root.admin[call](unknown))).toMatchObject({
        code: Code.NotFound,
        reason: "USER_NOT_FOUND",
      });
    }
  });

  test("are nobody else's business", async () => {
    const ada = await someoneWith();
    for (const call of ["getUser", "suspendUser", "restoreUser", "revokeUserSessions", "setUserRoles"] as const) {
      expect(await failureOf(ada.admin[call]({ userId: root.userId }))).toMatchObject({ code: Code.PermissionDenied });
    }
    expect(await failureOf(ada.admin.listUsers({}))).toMatchObject({ code: Code.PermissionDenied });
  });
});
