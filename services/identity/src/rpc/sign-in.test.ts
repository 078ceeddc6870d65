import { create } from "@bufbuild/protobuf";
import { Code, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { SignInRequestSchema } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCaptcha } from "../captcha/index.ts";
import { createGuessGuard } from "../guessing/guess-guard.ts";
import { createPasswordHasher, type PasswordHasher } from "../password-hasher.ts";
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

test("verifies a hash whether or not the address is known", async () => {
  const hasher = await createPasswordHasher();
  const verified: boolean[] = [];
  const passwords: PasswordHasher = {
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
    passwords,
    sealing: { seal: unused, open: () => "" },
    guesses: createGuessGuard(database),
    captcha: createCaptcha({ provider: "none" }),
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
