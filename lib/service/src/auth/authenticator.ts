import { hash } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { type CryptoKey, decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { Caller, ServiceName } from "../define-service.ts";
import { fail } from "../errors.ts";
import type { KeyRing } from "./key-ring.ts";
import { type Revocations, sessionRevokedError } from "./revocations.ts";
import type { ServiceKeys } from "./service-keys.ts";

/** How long an access token lives at most. */
export const accessTokenLifetimeMs = 10 * 60_000;

/** Tells callers by their tokens. */
export type Authenticator = {
  /**
   * Who holds `token`: a person, or a service that made it for `callee`. Without a callee, as on the public surface, no
   * service token is accepted. Throws `unauthenticated`, or `unavailable` where the keys can't be fetched.
   */
  authenticate(token: string, callee: ServiceName | undefined): Promise<Caller>;
};

/** What the authenticator relies on. */
export type Trust = {
  /** Who issues access tokens: the public address. */
  readonly issuer: string;
  readonly accessKeys: KeyRing;
  readonly serviceKeys: ServiceKeys;
  readonly revocations: Revocations;
};

type Verified = { readonly caller: Caller; readonly audience: string; readonly expireMs: number };

const maxCached = 20_000;
const algorithm = "EdDSA";
const accessAudience = "lyceum";
const clockToleranceS = 5;
const personClaims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  roles: z.array(z.string()).default([]),
});

/** Verifies a token once and remembers it by its hash until it expires: Ed25519 costs more than a whole call. */
export function createAuthenticator(trust: Trust): Authenticator {
  const verified = new Map<string, Verified>();
  return {
    async authenticate(token, callee) {
      const name = hash("sha256", token, "base64");
      let known = verified.get(name);
      if (!known) {
        known = await verify(token, trust);
        if (verified.size >= maxCached) verified.delete(verified.keys().next().value as string);
        verified.set(name, known);
      }
      if (known.expireMs <= Date.now()) {
        verified.delete(name);
        throw tokenExpired();
      }
      const { caller } = known;
      if (caller.kind === "person" && trust.revocations.has(caller.sessionId)) throw sessionRevokedError();
      if (caller.kind === "service" && known.audience !== callee) throw tokenInvalid();
      return caller;
    },
  };
}

async function verify(token: string, trust: Trust): Promise<Verified> {
  try {
    // The audience, still unproved, only chooses which keys must prove it.
    return decodeJwt(token).aud === accessAudience
      ? await verifyAccess(token, trust)
      : await verifyService(token, trust);
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    throw error instanceof errors.JWTExpired ? tokenExpired() : tokenInvalid(error);
  }
}

async function verifyAccess(token: string, { issuer, accessKeys }: Trust): Promise<Verified> {
  const { alg, kid } = decodeProtectedHeader(token);
  if (alg !== algorithm || !kid) throw tokenInvalid();
  const key = await accessKeys.find(kid);
  const payload = await verifySignature(token, key, { issuer, audience: accessAudience });
  const { sub, sid, roles } = personClaims.parse(payload);
  const expireMs = Math.min(expiryOf(payload), Date.now() + accessTokenLifetimeMs + clockToleranceS * 1000);
  return { caller: { kind: "person", userId: sub, sessionId: sid, roles }, audience: accessAudience, expireMs };
}

async function verifyService(token: string, { serviceKeys }: Trust): Promise<Verified> {
  const { iss, aud } = decodeJwt(token);
  if (!iss || typeof aud !== "string") throw tokenInvalid();
  const payload = await verifySignature(token, serviceKeys.find(iss), { issuer: iss, audience: aud });
  const onBehalfOf = z.string().optional().parse(payload.on_behalf_of);
  return {
    caller: { kind: "service", service: iss as ServiceName, onBehalfOf },
    audience: aud,
    expireMs: expiryOf(payload),
  };
}

async function verifySignature(
  token: string,
  key: CryptoKey | undefined,
  expected: { issuer: string; audience: string },
): Promise<JWTPayload> {
  if (!key) throw tokenInvalid();
  const options = { ...expected, algorithms: [algorithm], clockTolerance: clockToleranceS, requiredClaims: ["exp"] };
  return (await jwtVerify(token, key, options)).payload;
}

function expiryOf({ exp }: JWTPayload): number {
  return ((exp ?? 0) + clockToleranceS) * 1000;
}

const tokenExpired = () => fail(Code.Unauthenticated, "TOKEN_EXPIRED", "The access token has expired.");

function tokenInvalid(cause?: unknown): ConnectError {
  const error = fail(Code.Unauthenticated, "TOKEN_INVALID", "The access token is not valid.");
  error.cause = cause;
  return error;
}
