import { Code } from "@connectrpc/connect";
import { Factor } from "@lyceum/gen/proto/lyceum/identity/v1/factor_pb.ts";
import { eq } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guessCounts, mfaChallenges, recoveryCodes as recoveryCodeRows, sessions, totpFactors } from "../schema.ts";
import { failureOf, goodPassword, type Someone, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

type Enrolled = Someone & { code(steps?: number): string; recoveryCodes: string[] };

/** Someone with an authenticator app; `code` is what it shows, so many steps from now. */
async function enrolled(): Promise<Enrolled> {
  const ada = await identity.someone();
  const { secret } = await ada.client.enrollTotp({});
  const code = (steps = 0) => codeOf(secret, steps);
  const { recoveryCodes } = await ada.client.confirmTotp({ code: code() });
  await forgetStep(ada.userId);
  return { ...ada, code, recoveryCodes };
}

const codeOf = (secret: string, steps = 0) =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 });

/** As if half a minute had passed since the last code. */
const forgetStep = (userId: string) =>
  identity.host.database.db.update(totpFactors).set({ lastStep: null }).where(eq(totpFactors.userId, userId));

const signIn = async ({ email }: Someone) => {
  const { mfaChallenge, session } = await identity.anonymous.signIn({ email, password: goodPassword });
  expect(session).toBeUndefined();
  return mfaChallenge?.token ?? "";
};

/** As if the session had begun an hour ago. */
const age = ({ userId }: Someone) =>
  identity.host.database.db
    .update(sessions)
    .set({ authTime: new Date(Date.now() - 3_600_000) })
    .where(eq(sessions.userId, userId));

const wrong = { code: Code.Unauthenticated, reason: "INVALID_CODE" };
const ended = { code: Code.Unauthenticated, reason: "MFA_CHALLENGE_ENDED" };
const stepUp = { code: Code.PermissionDenied, reason: "STEP_UP_REQUIRED" };

test("an enrolled app is asked for its code at sign-in, and what it was given is kept sealed", async () => {
  const ada = await enrolled();
  const { mfaChallenge, session, user } = await identity.anonymous.signIn({ email: ada.email, password: goodPassword });
  expect([session, user]).toEqual([undefined, undefined]);
  expect(mfaChallenge?.factors).toEqual([Factor.TOTP, Factor.RECOVERY_CODE]);
  const challengeToken = mfaChallenge?.token ?? "";
  const answer = await identity.anonymous.completeMfa({
    challengeToken,
    proof: { case: "totpCode", value: ada.code() },
  });
  expect(answer.user?.id).toBe(ada.userId);
  expect((await identity.holding(answer.session).getFactors({})).totp).toBe(true);
  const { db } = identity.host.database;
  const kept = JSON.stringify([await db.select().from(totpFactors), await db.select().from(mfaChallenges)]);
  const [session1] = await db
    .select()
    .from(sessions)
    .where(eq(sessions.id, answer.session?.sessionId ?? ""));
  expect(session1?.amr).toEqual(["pwd", "otp", "mfa"]);
  expect(kept).not.toContain(challengeToken);
});

test("the owner is told by mail of what was added or removed that lets somebody in", async () => {
  const ada = await enrolled();
  await ada.client.regenerateRecoveryCodes({});
  await ada.client.disableTotp({});
  const { apiKey } = await ada.client.createApiKey({ name: "mine", scopes: ["files:read"] });
  await ada.client.revokeApiKey({ apiKeyId: apiKey?.id ?? "" });
  const added = await identity.mail(ada.email, /An authenticator app was added/);
  expect(added.text).toMatch(/at 20\d\d-\d\d-\d\d \d\d:\d\d UTC\./);
  for (const what of [/recovery codes were made/, /app was removed/, /API key was made/, /API key was revoked/]) {
    await identity.mail(ada.email, what);
  }
});

test("no code is taken twice, and no challenge ends twice", async () => {
  const ada = await enrolled();
  const challengeToken = await signIn(ada);
  const proof = { case: "totpCode", value: ada.code() } as const;
  await identity.anonymous.completeMfa({ challengeToken, proof });
  expect(await failureOf(identity.anonymous.completeMfa({ challengeToken, proof }))).toMatchObject(ended);
  expect(await failureOf(identity.anonymous.completeMfa({ challengeToken: await signIn(ada), proof }))).toMatchObject(
    wrong,
  );
});

test("of the same code sent many times at once, one is taken", async () => {
  const ada = await enrolled();
  const proof = { case: "totpCode", value: ada.code() } as const;
  const tokens = await Promise.all(Array.from({ length: 6 }, () => signIn(ada)));
  const outcomes = await Promise.allSettled(
    tokens.map((challengeToken) => identity.anonymous.completeMfa({ challengeToken, proof })),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a challenge takes five tries and five minutes", async () => {
  const ada = await enrolled();
  const challengeToken = await signIn(ada);
  const guess = (value: string) =>
    failureOf(identity.anonymous.completeMfa({ challengeToken, proof: { case: "totpCode", value } }));
  for (let tries = 0; tries < 5; tries += 1) expect(await guess("000000")).toMatchObject(wrong);
  // Nor does a new challenge help: the account has to rest.
  const next = await signIn(ada);
  const again = identity.anonymous.completeMfa({
    challengeToken: next,
    proof: { case: "totpCode", value: ada.code() },
  });
  expect(await failureOf(again)).toMatchObject({ code: Code.ResourceExhausted, reason: "TOO_MANY_ATTEMPTS" });
  await identity.host.database.db.delete(guessCounts);
  expect(await guess(ada.code())).toMatchObject(ended);

  const late = await signIn(ada);
  const { db } = identity.host.database;
  await db.update(mfaChallenges).set({ expireTime: new Date() }).where(eq(mfaChallenges.userId, ada.userId));
  const proof = { case: "totpCode", value: ada.code() } as const;
  expect(await failureOf(identity.anonymous.completeMfa({ challengeToken: late, proof }))).toMatchObject(ended);
  expect(await failureOf(identity.anonymous.completeMfa({ challengeToken: "nobody's", proof }))).toMatchObject(ended);
});

test("a recovery code signs in once, however it is typed; new ones end the old", async () => {
  const ada = await enrolled();
  expect(ada.recoveryCodes).toHaveLength(10);
  const [first = "", second = ""] = ada.recoveryCodes;
  const use = async (value: string) =>
    identity.anonymous.completeMfa({ challengeToken: await signIn(ada), proof: { case: "recoveryCode", value } });
  expect((await use(first.toUpperCase().replaceAll("-", " "))).user?.id).toBe(ada.userId);
  expect(await failureOf(use(first))).toMatchObject(wrong);
  expect((await ada.client.getFactors({})).recoveryCodes).toBe(9);
  const { recoveryCodes } = await ada.client.regenerateRecoveryCodes({});
  expect(await failureOf(use(second))).toMatchObject(wrong);
  expect((await use(recoveryCodes[0] ?? "")).user?.id).toBe(ada.userId);
  const kept = JSON.stringify(await identity.host.database.db.select().from(recoveryCodeRows));
  expect(recoveryCodes.some((code) => kept.includes(code))).toBe(false);
});

test("another person's code or recovery code is worth nothing", async () => {
  const [ada, eve] = [await enrolled(), await enrolled()];
  const challengeToken = await signIn(ada);
  for (const proof of [
    { case: "totpCode", value: eve.code() },
    { case: "recoveryCode", value: eve.recoveryCodes[0] ?? "" },
  ] as const)
    expect(await failureOf(identity.anonymous.completeMfa({ challengeToken, proof }))).toMatchObject(wrong);
});

test("an app that was not confirmed asks for nothing; a disabled one neither, and its recovery codes go with it", async () => {
  const ada = await identity.someone();
  await ada.client.enrollTotp({});
  expect((await identity.anonymous.signIn({ email: ada.email, password: goodPassword })).session).toBeDefined();
  expect(await failureOf(ada.client.confirmTotp({ code: "000000" }))).toMatchObject(wrong);
  expect(await failureOf(ada.client.disableTotp({}))).toMatchObject({ reason: "TOTP_NOT_FOUND" });
  expect(await failureOf(ada.client.regenerateRecoveryCodes({}))).toMatchObject({ reason: "NO_SECOND_FACTOR" });

  const bob = await enrolled();
  expect(await failureOf(bob.client.enrollTotp({}))).toMatchObject({ reason: "TOTP_ENROLLED" });
  expect(await failureOf(bob.client.confirmTotp({ code: bob.code() }))).toMatchObject({ reason: "TOTP_NOT_BEGUN" });
  await bob.client.disableTotp({});
  expect(await bob.client.getFactors({})).toMatchObject({ password: true, totp: false, recoveryCodes: 0 });
  expect((await identity.anonymous.signIn({ email: bob.email, password: goodPassword })).session).toBeDefined();
});

test("an old sign-in has to be proved again before sensitive calls, and then may make them", async () => {
  const ada = await identity.someone();
  await age(ada);
  const calls = [ada.client.createApiKey({ name: "robot" }), ada.client.enrollTotp({}), ada.client.disableTotp({})];
  for (const failure of await Promise.all(calls.map(failureOf))) expect(failure).toMatchObject(stepUp);
  const password = (value: string) => ada.client.reauthenticate({ proof: { case: "password", value } });
  expect(await failureOf(password("wrong password"))).toMatchObject({ reason: "INVALID_CREDENTIALS" });
  expect(await failureOf(ada.client.createApiKey({ name: "robot" }))).toMatchObject(stepUp);
  await password(goodPassword);
  expect((await ada.client.createApiKey({ name: "robot" })).secret).toMatch(/^lyk_/);
});

test("where a second factor is enrolled, the password proves nothing again", async () => {
  const ada = await enrolled();
  await age(ada);
  expect(await failureOf(ada.client.disableTotp({}))).toMatchObject(stepUp);
  expect(
    await failureOf(ada.client.reauthenticate({ proof: { case: "password", value: goodPassword } })),
  ).toMatchObject({ code: Code.FailedPrecondition, reason: "SECOND_FACTOR_REQUIRED" });
  await ada.client.reauthenticate({ proof: { case: "totpCode", value: ada.code() } });
  await ada.client.disableTotp({});
});
