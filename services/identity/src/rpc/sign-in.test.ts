import { create } from "@bufbuild/protobuf";
import { Code, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { SignInRequestSchema } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { hash, parseOptions } from "@node-rs/argon2";
import { eq } from "drizzle-orm";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCaptcha } from "../captcha/index.ts";
import { createGuessGuard } from "../guessing/guess-guard.ts";
import { createPasswordHasher, type PasswordHasher } from "../password-hasher.ts";
import { passwords } from "../schema.ts";
import { failureOf, goodPassword, startIdentity, type TestIdentity } from "../test-identity.ts";
import { signIn } from "./sign-in.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
  await identity.anonymous.signUp({ email: "Ada@example.org", password: goodPassword });
});
afterAll(() => identity[Symbol.asyncDispose]());

test.each(["Ada@example.org", "ada@EXAMPLE.org", "ａｄａ@example.org"])("signs in as %s", async (email) => {
  const { user, session } = await identity.anonymous.signIn({ email, password: goodPassword });
  expect(user?.email).toBe("Ada@example.org");
  expect((await identity.holding(session).getAccount({})).user).toEqual(user);
});

test("signs tokens that the published keys verify", async () => {
  const { user, session } = await identity.anonymous.signIn({ email: "ada@example.org", password: goodPassword });
  const { keys } = await identity.anonymous.getJwks({});
  const { payload, protectedHeader } = await jwtVerify(
    session?.accessToken ?? "",
    createLocalJWKSet({ keys: keys.map(({ kty, crv, x, kid, alg, use }) => ({ kty, crv, x, kid, alg, use })) }),
    { issuer: identity.host.publicUrl, audience: "lyceum" },
  );
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: keys[0]?.kid });
  expect(payload).toMatchObject({ sub: user?.id, sid: session?.sessionId, roles: [] });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  expect(session?.accessTokenExpireTime?.seconds).toBe(BigInt(payload.exp ?? 0));
});

test("answers a wrong password, an unknown address and nonsense alike", async () => {
  const failures = await Promise.all(
    ["ada@example.org", "nobody@example.org", "not an address", "nul\0@example.org"].map((email) =>
      failureOf(identity.anonymous.signIn({ email, password: "wrong password" })),
    ),
  );
  expect(failures[0]).toMatchObject({ code: Code.Unauthenticated, reason: "INVALID_CREDENTIALS" });
  expect(new Set(failures.map((failure) => JSON.stringify(failure)))).toHaveProperty("size", 1);
});

test("hashes a password anew that was hashed at another cost", async () => {
  const { email } = await identity.someone();
  const { db } = identity.host.database;
  const weak = await hash(goodPassword, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  await db
    .update(passwords)
    .set({ hash: weak })
    .where(eq(passwords.userId, (await identity.anonymous.signIn({ email, password: goodPassword })).user?.id ?? ""));
  const { user } = await identity.anonymous.signIn({ email, password: goodPassword });
  const [row] = await db
    .select()
    .from(passwords)
    .where(eq(passwords.userId, user?.id ?? ""));
  expect(parseOptions(row?.hash ?? "")).toMatchObject({ memoryCost: 19_456, timeCost: 2 });
  expect((await identity.anonymous.signIn({ email, password: goodPassword })).user).toEqual(user);
});

test("lets in whom it should while others guess: the owner on a known device", async () => {
  const { email } = await identity.someone();
  const { deviceToken } = await identity.anonymous.signIn({ email, password: goodPassword });
  for (const password of ["wrong one", "wrong two", "wrong three", "wrong four", "wrong five"]) {
    expect((await failureOf(identity.anonymous.signIn({ email, password }))).reason).toBe("INVALID_CREDENTIALS");
  }
  const refused = await failureOf(identity.anonymous.signIn({ email, password: goodPassword }));
  expect(refused).toMatchObject({ code: Code.ResourceExhausted, reason: "TOO_MANY_ATTEMPTS" });
  for (const token of ["", "x", `${deviceToken}x`]) {
    const call = identity.anonymous.signIn({ email, password: goodPassword, deviceToken: token });
    expect((await failureOf(call)).reason).toBe("TOO_MANY_ATTEMPTS");
  }
  const again = await identity.anonymous.signIn({ email, password: goodPassword, deviceToken });
  expect(again.deviceToken).toBe(deviceToken);
  const { headers } = await identity.process.fetch("/lyceum.identity.v1.IdentityService/SignIn", {
    method: "POST",
    headers: { "content-type": "application/json", cookie: `a=b; lyceum-device=${deviceToken}` },
    body: JSON.stringify({ email, password: goodPassword }),
  });
  expect(headers.get("set-cookie")).toBe(null);
});

test("verifies a hash whether or not the address is known", async () => {
  const hasher = await createPasswordHasher();
  const verified: boolean[] = [];
  const watched: PasswordHasher = {
    ...hasher,
    verify: (stored, password, signal) => {
      verified.push(stored !== undefined);
      return hasher.verify(stored, password, signal);
    },
  };
  const { database } = identity.host;
  const unused = () => Promise.reject(new Error("unused"));
  const handler = signIn({
    ...identity.host,
    passwords: watched,
    sealing: { seal: unused, open: () => "" },
    guesses: createGuessGuard(database),
    captcha: createCaptcha({ provider: "none" }),
    providers: [],
    mustVerifyEmail: false,
    signAccessToken: unused,
  });
  for (const email of ["ada@example.org", "nobody@example.org"]) {
    const signal = new AbortController().signal;
    const call = { signal, requestHeader: new Headers(), values: createContextValues() } as HandlerContext;
    const request = create(SignInRequestSchema, { email, password: "wrong password" });
    await failureOf(Promise.resolve(handler(request, call)));
  }
  expect(verified).toEqual([true, false]);
});
