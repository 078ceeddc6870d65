import { Code } from "@connectrpc/connect";
import { and, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkedProviders, mailedLinks, passkeys, passwords, sessions, signInCodes, totpFactors } from "../schema.ts";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";

const newPassword = "staple kittiwake lantern";
let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const signIn = (email: string, password: string) => identity.anonymous.signIn({ email, password });
const endEverything = async () => {
  const past = { expireTime: new Date(Date.now() - 1) };
  await identity.host.database.db.update(mailedLinks).set(past);
  await identity.host.database.db.update(signInCodes).set(past);
};
const revokedSessions = () =>
  identity.process
    .events()
    .filter(({ type }) => type.endsWith("SessionRevoked"))
    .map(({ key }) => key);

const noFactors = { totp: false, recoveryCodes: 0, passkeys: 0 };
/** Gives a person one second factor of each kind, and a provider. */
const addFactors = async (userId: string) => {
  const now = new Date();
  const { db } = identity.host.database;
  const key = { name: "", publicKey: "", counter: 0, transports: [], backedUp: false };
  await db.insert(totpFactors).values({ userId, secret: "", createTime: now, confirmTime: now });
  await db.insert(passkeys).values({ ...key, id: userId, userId, credentialId: userId, createTime: now });
  const link = { userId, providerId: "school", issuer: "https://school.example.org", subject: userId, linkTime: now };
  await db.insert(linkedProviders).values(link);
};

describe("verifying an address", () => {
  test("needs the link from its mailbox, once", async () => {
    const ada = await identity.someone("ada@example.org");
    await ada.client.requestEmailVerification({});
    const { secret } = await identity.mail("ada@example.org", /Confirm/);
    expect((await ada.client.verifyEmail({ token: secret })).user?.emailVerified).toBe(true);
    expect((await ada.client.getAccount({})).user?.emailVerified).toBe(true);
    for (const token of [secret, `${secret}x`, "nul\0"]) {
      const failure = await failureOf(identity.anonymous.verifyEmail({ token }));
      expect(failure).toMatchObject({ code: Code.InvalidArgument, reason: "INVALID_LINK" });
    }
  });

  test("needs the link alone of a program that does not ask for more", async () => {
    const { email, client } = await identity.someone();
    await client.requestEmailVerification({});
    const { secret: token } = await identity.mail(email, /Confirm/);
    expect((await identity.anonymous.verifyEmail({ token })).user?.emailVerified).toBe(true);
  });

  test("elsewhere needs the password too: whom a stranger signed up does not confirm it for them", async () => {
    const { email, client, userId } = await identity.someone();
    const other = await identity.someone();
    await client.requestEmailVerification({});
    const link = { token: (await identity.mail(email, /Confirm/)).secret, requireOwnerProof: true };
    const proofWanted = { code: Code.FailedPrecondition, reason: "OWNER_PROOF_REQUIRED" };
    expect(await failureOf(identity.anonymous.verifyEmail(link))).toMatchObject(proofWanted);
    expect(await failureOf(other.client.verifyEmail(link))).toMatchObject(proofWanted);
    const wrong = identity.anonymous.verifyEmail({ ...link, password: "a wrong password" });
    expect((await failureOf(wrong)).reason).toBe("INVALID_CREDENTIALS");
    expect((await client.getAccount({})).user?.emailVerified).toBe(false);
    const { user } = await identity.anonymous.verifyEmail({ ...link, password: goodPassword });
    expect(user).toMatchObject({ id: userId, emailVerified: true });
  });

  test("with a new password takes the account from who signed up with an address they could not read", async () => {
    const { userId, email, client, sessionId } = await identity.someone();
    await addFactors(userId);
    await client.requestEmailVerification({});
    const { secret: token } = await identity.mail(email, /Confirm/);
    const weak = identity.anonymous.verifyEmail({ token, newPassword: "password123" });
    expect((await failureOf(weak)).reason).toBe("PASSWORD_TOO_WEAK");
    await identity.anonymous.verifyEmail({ token, newPassword });
    expect((await failureOf(signIn(email, goodPassword))).reason).toBe("INVALID_CREDENTIALS");
    const { session } = await signIn(email, newPassword);
    expect(await identity.holding(session).getFactors({})).toMatchObject({ password: true, ...noFactors });
    await identity.process.eventually(() => expect(revokedSessions()).toContain(sessionId));
  });

  test("sends no more than three mails at once", async () => {
    const { client, email } = await identity.someone();
    for (let count = 0; count < 3; count += 1) await client.requestEmailVerification({});
    const failure = await failureOf(client.requestEmailVerification({}));
    expect(failure).toMatchObject({ code: Code.ResourceExhausted, reason: "TOO_MANY_ATTEMPTS" });
    expect(await identity.countMails(email)).toBeLessThanOrEqual(3);
  });
});

describe("a forgotten password", () => {
  test("is replaced by who reads the mail, once, and ends all sessions", async () => {
    const { email, sessionId } = await identity.someone("grace@example.org");
    await identity.anonymous.requestPasswordReset({ email: "GRACE@example.org" });
    const { secret: token } = await identity.mail(email, /new password/);
    const weak = await failureOf(identity.anonymous.resetPassword({ token, newPassword: "password123" }));
    expect(weak.reason).toBe("PASSWORD_TOO_WEAK");
    const { deviceToken } = await identity.anonymous.resetPassword({ token, newPassword });
    expect(deviceToken).not.toBe("");
    expect((await failureOf(signIn(email, goodPassword))).reason).toBe("INVALID_CREDENTIALS");
    expect((await signIn(email, newPassword)).user?.emailVerified).toBe(true);
    await identity.process.eventually(() => expect(revokedSessions()).toContain(sessionId));
    expect((await failureOf(identity.anonymous.resetPassword({ token, newPassword }))).reason).toBe("INVALID_LINK");
    await identity.mail(email, /was changed/);
  });

  test("takes the account from who signed up with an address they could not read, and their factors too", async () => {
    const { userId, email } = await identity.someone("squatted@example.org");
    await addFactors(userId);
    await identity.anonymous.requestPasswordReset({ email });
    const { secret: token } = await identity.mail(email, /new password/);
    await identity.anonymous.resetPassword({ token, newPassword });
    const { session, mfaChallenge } = await signIn(email, newPassword);
    expect([session?.sessionId, mfaChallenge]).toEqual([expect.any(String), undefined]);
    expect(await identity.holding(session).getFactors({})).toMatchObject({ password: true, ...noFactors });
    expect(await identity.holding(session).listLinkedProviders({})).toMatchObject({ linkedProviders: [] });
  });

  test("leaves no session to who signs in with the old one at the same time", async () => {
    const { email, userId } = await identity.someone();
    await identity.anonymous.requestPasswordReset({ email });
    const { secret: token } = await identity.mail(email, /new password/);
    await Promise.allSettled([
      identity.anonymous.resetPassword({ token, newPassword }),
      ...Array.from({ length: 6 }, () => signIn(email, goodPassword)),
    ]);
    const { db } = identity.host.database;
    const live = and(eq(sessions.userId, userId), isNull(sessions.revokeTime));
    expect(await db.select({ id: sessions.id }).from(sessions).where(live)).toEqual([]);
  });

  test("ends a move to another address that somebody else has begun", async () => {
    const { email, client } = await identity.someone();
    await client.requestEmailChange({ newEmail: "thief@example.org", currentPassword: goodPassword });
    const { secret: moved } = await identity.mail("thief@example.org", /new e-mail/);
    await identity.anonymous.requestPasswordReset({ email });
    await identity.anonymous.resetPassword({ token: (await identity.mail(email, /new password/)).secret, newPassword });
    expect((await failureOf(identity.anonymous.confirmEmailChange({ token: moved }))).reason).toBe("INVALID_LINK");
  });

  test("is answered alike for unknown addresses, which get no mail", async () => {
    const answers = await Promise.all(
      ["grace@example.org", "nobody@example.org", "not an address", "nul\0@example.org"].map((email) =>
        identity.anonymous.requestPasswordReset({ email }),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await identity.process.eventually(async () => expect(await identity.countMails("grace@example.org")).toBe(3));
    expect(await identity.countMails("nobody@example.org")).toBe(0);
  });

  test("can be asked for without end: the answer stays the same, and the mailbox is not flooded", async () => {
    const { email } = await identity.someone();
    for (let count = 0; count < 12; count += 1) {
      expect(await identity.anonymous.requestPasswordReset({ email })).toMatchObject({});
    }
    await identity.mail(email, /new password/);
    expect(await identity.countMails(email)).toBeLessThanOrEqual(3);
  });

  test("cannot be replaced by a link that has ended, or by one for something else", async () => {
    const { email, client } = await identity.someone();
    await client.requestEmailVerification({});
    const { secret: other } = await identity.mail(email, /Confirm/);
    expect((await failureOf(identity.anonymous.resetPassword({ token: other, newPassword }))).reason).toBe(
      "INVALID_LINK",
    );
    await identity.anonymous.requestPasswordReset({ email });
    const { secret: token } = await identity.mail(email, /new password/);
    await endEverything();
    expect((await failureOf(identity.anonymous.resetPassword({ token, newPassword }))).reason).toBe("INVALID_LINK");
  });
});

test("changing a password needs the current one, and ends the other sessions but not this one", async () => {
  const { email, client, sessionId } = await identity.someone();
  const other = await signIn(email, goodPassword);
  const wrong = await failureOf(client.changePassword({ currentPassword: "a wrong password", newPassword }));
  expect(wrong).toMatchObject({ code: Code.Unauthenticated, reason: "INVALID_CREDENTIALS" });
  await client.changePassword({ currentPassword: goodPassword, newPassword });
  await identity.process.eventually(() => expect(revokedSessions()).toContain(other.session?.sessionId));
  expect(revokedSessions()).not.toContain(sessionId);
  expect((await client.listSessions({})).sessions.map(({ id }) => id)).toEqual([sessionId]);
  expect((await signIn(email, newPassword)).user?.email).toBe(email);
});

describe("moving to another address", () => {
  const move = async (from: string, to: string) => {
    const person = await identity.someone(from);
    await person.client.requestEmailChange({ newEmail: to, currentPassword: goodPassword });
    await identity.mail(from, /A new e-mail address/);
    return person;
  };

  test("is confirmed at the new one, and the old one can take it back", async () => {
    const { client, sessionId, userId } = await move("old@example.org", "New@example.org");
    const { secret: token } = await identity.mail("New@example.org", /new e-mail/);
    // Who reads mail there confirms nobody else's move.
    expect((await failureOf(identity.anonymous.confirmEmailChange({ token }))).reason).toBe("OWNER_PROOF_REQUIRED");
    const { user } = await client.confirmEmailChange({ token });
    expect(user).toMatchObject({ email: "New@example.org", emailVerified: true });
    expect((await failureOf(signIn("old@example.org", goodPassword))).reason).toBe("INVALID_CREDENTIALS");
    expect((await signIn("new@example.org", goodPassword)).user?.id).toBe(user?.id);
    expect((await client.getAccount({})).user?.email).toBe("New@example.org");

    const { secret: undo } = await identity.mail("old@example.org", /has a new e-mail/);
    await addFactors(userId);
    await identity.anonymous.undoEmailChange({ token: undo });
    // Whoever moved it knew the password.
    expect((await failureOf(signIn("old@example.org", goodPassword))).reason).toBe("INVALID_CREDENTIALS");
    await identity.process.eventually(() => expect(revokedSessions()).toContain(sessionId));
    const { secret: reset } = await identity.mail("old@example.org", /Choose a new password/);
    await identity.anonymous.resetPassword({ token: reset, newPassword });
    const { session } = await signIn("old@example.org", newPassword);
    expect(await identity.holding(session).getFactors({})).toMatchObject({ password: true, ...noFactors });
    for (const replay of [
      () => identity.anonymous.confirmEmailChange({ token }),
      () => identity.anonymous.undoEmailChange({ token: undo }),
    ]) {
      expect((await failureOf(replay())).reason).toBe("INVALID_LINK");
    }
  });

  test("does not tell whether the new one is taken: its owner is told by mail", async () => {
    await identity.someone("owner@example.org");
    await move("mover@example.org", "OWNER@example.org");
    const { secret } = await identity.mail("owner@example.org", /has an account already/);
    expect(secret).toBe("");
    expect(await identity.countMails("OWNER@example.org")).toBe(0);
  });

  test("fails if the new one is taken meanwhile", async () => {
    const { client } = await move("slow@example.org", "quick@example.org");
    const { secret: token } = await identity.mail("quick@example.org", /new e-mail/);
    await identity.someone("quick@example.org");
    expect((await failureOf(client.confirmEmailChange({ token }))).reason).toBe("INVALID_LINK");
    expect((await signIn("slow@example.org", goodPassword)).user?.email).toBe("slow@example.org");
  });

  test("needs the password", async () => {
    const { client } = await identity.someone();
    const failure = await failureOf(
      client.requestEmailChange({ newEmail: "x@example.org", currentPassword: "wrong one" }),
    );
    expect(failure.reason).toBe("INVALID_CREDENTIALS");
  });
});

test("who has no password moves and sets one by a sign-in of the last minutes", async () => {
  const { userId, client, email } = await identity.someone();
  const { db } = identity.host.database;
  await db.delete(passwords).where(eq(passwords.userId, userId));
  await client.requestEmailChange({ newEmail: "elsewhere@example.org" });
  await identity.mail(email, /A new e-mail address/);
  const old = { authTime: new Date(Date.now() - 3_600_000) };
  await db.update(sessions).set(old).where(eq(sessions.userId, userId));
  for (const late of [
    () => client.requestEmailChange({ newEmail: "x@example.org" }),
    () => client.changePassword({ newPassword }),
  ]) {
    expect(await failureOf(late())).toMatchObject({ code: Code.PermissionDenied, reason: "STEP_UP_REQUIRED" });
  }
  await db.update(sessions).set({ authTime: new Date() }).where(eq(sessions.userId, userId));
  await client.changePassword({ newPassword });
  expect((await signIn(email, newPassword)).user?.id).toBe(userId);
  expect((await failureOf(client.changePassword({ newPassword: goodPassword }))).reason).toBe("INVALID_CREDENTIALS");
});

describe("a code by mail", () => {
  const ask = async (email: string) => {
    const { challenge } = await identity.anonymous.requestSignInCode({ email });
    return { challenge, code: (await identity.mail(email, /code/)).secret };
  };

  test("signs in, once, and only where it was asked for", async () => {
    const { userId, email } = await identity.someone("mary@example.org");
    const { challenge, code } = await ask(email);
    const elsewhere = await identity.anonymous.requestSignInCode({ email: "someone-else@example.org" });
    const stolen = await failureOf(identity.anonymous.signInWithCode({ challenge: elsewhere.challenge, code }));
    expect(stolen).toMatchObject({ code: Code.Unauthenticated, reason: "INVALID_CODE" });
    const { user } = await identity.anonymous.signInWithCode({ challenge, code });
    expect(user).toMatchObject({ id: userId, emailVerified: true });
    expect((await failureOf(identity.anonymous.signInWithCode({ challenge, code }))).reason).toBe("INVALID_CODE");
  });

  test("comes with a link that holds nothing but the code, which signs nobody in by itself", async () => {
    const { email } = await identity.someone();
    const { challenge } = await identity.anonymous.requestSignInCode({ email });
    const { text, secret } = await identity.mail(email, /code/);
    expect(text).toMatch(new RegExp(`/sign-in-link#token=${secret}\\n`));
    expect(secret).toMatch(/^\d{8}$/);
    expect(text).not.toContain(challenge);
  });

  test("leaves no way in to who signed up with an address they could not read", async () => {
    const { userId, email, sessionId } = await identity.someone();
    await addFactors(userId);
    const { session, user } = await identity.anonymous.signInWithCode(await ask(email));
    expect(user?.emailVerified).toBe(true);
    expect(await identity.holding(session).getFactors({})).toMatchObject({ password: false, ...noFactors });
    expect((await failureOf(signIn(email, goodPassword))).reason).toBe("INVALID_CREDENTIALS");
    await identity.process.eventually(() => expect(revokedSessions()).toContain(sessionId));
  });

  test("is worth nothing after five wrong tries made at once", async () => {
    const { email } = await identity.someone();
    const { challenge, code } = await ask(email);
    const wrong = Array.from({ length: 8 }, (_, digit) => `${digit}`.repeat(8)).filter((guess) => guess !== code);
    await Promise.allSettled(wrong.map((guess) => identity.anonymous.signInWithCode({ challenge, code: guess })));
    expect((await failureOf(identity.anonymous.signInWithCode({ challenge, code }))).code).not.toBe(undefined);
    expect(await identity.host.database.db.select({ tries: signInCodes.tries }).from(signInCodes)).toContainEqual({
      tries: 5,
    });
  });

  test("ends", async () => {
    const { email } = await identity.someone();
    const { challenge, code } = await ask(email);
    await endEverything();
    expect((await failureOf(identity.anonymous.signInWithCode({ challenge, code }))).reason).toBe("INVALID_CODE");
  });

  test("is asked for alike where there is no account", async () => {
    const { challenge, expireTime } = await identity.anonymous.requestSignInCode({ email: "nobody@example.org" });
    expect(challenge).toHaveLength(43);
    expect(expireTime).toBeDefined();
  });
});

test("the outbox is shown on this machine by its own names only", async () => {
  const page = await identity.process.fetch("/dev/mail");
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
  expect(await page.text()).toContain("/verify-email#token=");
  const forwarded = await identity.process.fetch("/dev/mail", { headers: { "x-forwarded-for": "203.0.113.7" } });
  expect(forwarded.status).toBe(404);
});
