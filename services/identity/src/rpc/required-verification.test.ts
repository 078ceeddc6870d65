import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity({ IDENTITY_EMAIL_VERIFICATION: "required" });
});
afterAll(() => identity[Symbol.asyncDispose]());

const signUp = (email: string) => identity.anonymous.signUp({ email, password: goodPassword, displayName: "Ada" });
const signIn = (email: string) => identity.anonymous.signIn({ email, password: goodPassword });

test("an account begins when its address is verified, and a taken address is told apart by mail only", async () => {
  const first = await signUp("ada@example.org");
  expect(first).toMatchObject({ verificationRequired: true });
  expect([first.session, first.user]).toEqual([undefined, undefined]);
  expect((await failureOf(signIn("ada@example.org"))).reason).toBe("INVALID_CREDENTIALS");
  const { secret: token } = await identity.mail("ada@example.org", /Confirm/);
  // Whoever signed up with an address they cannot read is not let in by who reads it.
  const bare = await failureOf(identity.anonymous.verifyEmail({ token, requireOwnerProof: true }));
  expect(bare).toMatchObject({ code: Code.FailedPrecondition, reason: "OWNER_PROOF_REQUIRED" });
  const { user } = await identity.anonymous.verifyEmail({ token, password: goodPassword });
  expect(user).toMatchObject({ email: "ada@example.org", emailVerified: true });
  expect((await signIn("ada@example.org")).user).toEqual(user);
  expect((await failureOf(identity.anonymous.verifyEmail({ token }))).reason).toBe("INVALID_LINK");
  await identity.process.eventually(() =>
    expect(identity.process.events().map(({ type, key }) => [type.split(".").at(-1), key])).toEqual([
      ["UserRegistered", user?.id],
    ]),
  );

  expect(await signUp("ADA@example.org")).toEqual(first);
  const { secret } = await identity.mail("ada@example.org", /already have an account/);
  expect(secret).toBe("");
});

test("of two sign-ups with one address, the first verified has it", async () => {
  await signUp("race@example.org");
  const { secret: early } = await identity.mail("race@example.org", /Confirm/);
  await signUp("Race@example.org");
  const { secret: late } = await identity.mail("Race@example.org", /Confirm/);
  const newPassword = "staple kittiwake lantern";
  await identity.anonymous.verifyEmail({ token: late, newPassword });
  expect((await failureOf(signIn("race@example.org"))).reason).toBe("INVALID_CREDENTIALS");
  expect((await identity.anonymous.signIn({ email: "race@example.org", password: newPassword })).user).toBeDefined();
  expect((await failureOf(identity.anonymous.verifyEmail({ token: early }))).reason).toBe("INVALID_LINK");
});
