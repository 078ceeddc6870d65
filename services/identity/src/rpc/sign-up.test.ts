import { Code } from "@connectrpc/connect";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const nameOf = async (userId: string) => {
  const { clients } = identity.profileHost;
  const { users } = await clients
    .of(IdentityInternalService)
    .batchGetUsers({ userIds: [userId, "nobody", "nul\0"] }, await clients.asService("identity"));
  expect(users.map(({ id }) => id)).toEqual([userId]);
  return users[0]?.displayName;
};

test("makes an account, signs it in, and tells of it once", async () => {
  const { session, user } = await identity.anonymous.signUp({
    email: "Ada@Example.org",
    password: goodPassword,
    displayName: " Ada Lovelace ",
  });
  expect(user).toMatchObject({ email: "Ada@Example.org", emailVerified: false, roles: [] });
  const { user: account } = await identity.holding(session).getAccount({});
  expect(account).toEqual(user);
  expect(await nameOf(user?.id ?? "")).toBe("Ada Lovelace");
  await identity.process.eventually(() =>
    expect(
      identity.process
        .events()
        .filter(({ key }) => key === user?.id)
        .map(({ type, data }) => ({ type, data })),
    ).toEqual([{ type: "lyceum.identity.v1.UserRegistered", data: { userId: user?.id, version: 1 } }]),
  );
});

test("names a person after the address if they give no name", async () => {
  const { user } = await identity.anonymous.signUp({ email: "grace.hopper@example.org", password: goodPassword });
  expect(await nameOf(user?.id ?? "")).toBe("grace.hopper");
});

test.each(["taken@example.org", "TAKEN@EXAMPLE.ORG", "Taken@Example.Org"])(
  "knows a taken address as %s",
  async (email) => {
    await identity.anonymous.signUp({ email: "taken@example.org", password: goodPassword }).catch(() => {});
    const failure = await failureOf(identity.anonymous.signUp({ email, password: goodPassword }));
    expect(failure).toMatchObject({ code: Code.AlreadyExists, reason: "EMAIL_TAKEN" });
  },
);

test("gives an address to one of many who ask at once", async () => {
  const answers = await Promise.allSettled(
    ["race@example.org", "Race@example.org", "RACE@example.org", "race@Example.org"].map((email) =>
      identity.anonymous.signUp({ email, password: goodPassword }),
    ),
  );
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === "rejected") {
      expect(await failureOf(Promise.reject(answer.reason))).toMatchObject({ reason: "EMAIL_TAKEN" });
    }
  }
});

describe("a password", () => {
  test.each([8, 128, 256])("may have %d characters", async (length) => {
    const email = `length-${length}@example.org`;
    // Characters are counted, not UTF-16 units or bytes.
    const { user } = await identity.anonymous.signUp({
      email,
      password: "🐎🔋📎🪢🧵🦀🐙🌵".repeat(32).slice(0, 2 * length),
    });
    expect(user?.email).toBe(email);
  });

  test.each([
    ["password123", /most common/],
    ["weak@example.org", /address/],
    ["Weak Person", /name/],
  ])("such as %j is too weak", async (password, why) => {
    const failure = await failureOf(
      identity.anonymous.signUp({ email: "weak@example.org", password, displayName: "Weak Person" }),
    );
    expect(failure).toMatchObject({ code: Code.InvalidArgument, reason: "PASSWORD_TOO_WEAK" });
    expect(failure.message).toMatch(why);
  });

  test.each([7, 257])("of %d characters is refused by name", async (length) => {
    const failure = await failureOf(
      identity.anonymous.signUp({ email: "length@example.org", password: "x".repeat(length) }),
    );
    expect(failure.code).toBe(Code.InvalidArgument);
    expect(failure.message).toContain("password");
  });
});

test.each([
  "",
  "ada",
  "ada@",
  "@example.org",
  "a b@example.org",
  "ada@ex\u0430mple.org",
  "\u0430da@example.org",
  "ada@example.org\r\nBcc: eve@example.org",
  `${"a".repeat(250)}@example.org`,
])("refuses the address %j", async (email) => {
  const failure = await failureOf(identity.anonymous.signUp({ email, password: goodPassword }));
  expect(failure.code).toBe(Code.InvalidArgument);
  expect(failure.message).toContain("email");
});

test.each(["Ada\u0000", "Ada\r\nBcc: eve@example.org", "x".repeat(81), "x".repeat(10_240)])(
  "refuses the display name %j",
  async (displayName) => {
    const failure = await failureOf(
      identity.anonymous.signUp({ email: "name@example.org", password: goodPassword, displayName }),
    );
    expect(failure.code).toBe(Code.InvalidArgument);
  },
);

test("tells other people's names to the services it is meant for alone", async () => {
  const { clients } = identity.host;
  const failure = await failureOf(
    clients.of(IdentityInternalService).batchGetUsers({ userIds: ["x"] }, await clients.asService("identity")),
  );
  expect(failure.code).toBe(Code.PermissionDenied);
});
