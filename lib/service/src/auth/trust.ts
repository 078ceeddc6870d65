import { join } from "node:path";
import type { JWK } from "jose";
import type { ServiceName } from "../define-service.ts";
import type { Env } from "../settings.ts";
import { type Authenticator, accessTokenLifetimeMs, createAuthenticator } from "./authenticator.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";
import { createRevocations, type Revocations } from "./revocations.ts";
import { openServiceKeys, type ServiceKeys } from "./service-keys.ts";

/** Whom this process believes, and why. */
export type OpenTrust = {
  readonly accessKeys: KeyRing;
  readonly serviceKeys: ServiceKeys;
  readonly revocations: Revocations;
  readonly authenticator: Authenticator;
};

/** What trust is built from. */
export type TrustSources = {
  readonly env: Env;
  /** The services that run here. */
  readonly hosted: readonly ServiceName[];
  readonly issuer: string;
  /** Where identity's keys are kept between starts. */
  readonly folder: string;
  readonly trusted: readonly JWK[];
  readonly fetchKeys: () => Promise<readonly JWK[]>;
};

export async function openTrust({ env, hosted, issuer, folder, trusted, fetchKeys }: TrustSources): Promise<OpenTrust> {
  const accessKeys = createKeyRing({ fetchKeys, trusted, cacheFile: join(folder, "jwks.json") });
  const serviceKeys = await openServiceKeys(hosted, env);
  const revocations = createRevocations(accessTokenLifetimeMs);
  const authenticator = createAuthenticator({ issuer, accessKeys, serviceKeys, revocations });
  return { accessKeys, serviceKeys, revocations, authenticator };
}
