import type { CryptoKey } from "jose";
import { SignJWT } from "jose";

/** How long an access token lives. */
export const accessTokenLifetimeMs = 600_000;

/** Makes access tokens for signed-in persons. */
export type AccessTokenSigner = (
  person: { readonly userId: string; readonly sessionId: string; readonly roles: readonly string[] },
  now: Date,
) => Promise<AccessToken>;

/** A signed access token and when it ends. */
type AccessToken = { readonly token: string; readonly expireTime: Date };

/** Signs EdDSA JWTs (RFC 8037) with the key that `current` answers, issued by the public address `issuer` for `lyceum`. */
export function createAccessTokenSigner(
  current: () => { readonly kid: string; readonly privateKey: CryptoKey },
  issuer: string,
): AccessTokenSigner {
  return async ({ userId, sessionId, roles }, now) => {
    const key = current();
    // JWT times are whole seconds: the end told beside the token is the one inside it.
    const issuedSeconds = Math.floor(now.getTime() / 1000);
    const expireSeconds = issuedSeconds + accessTokenLifetimeMs / 1000;
    const token = await new SignJWT({ sid: sessionId, roles })
      .setProtectedHeader({ alg: "EdDSA", kid: key.kid })
      .setIssuer(issuer)
      .setSubject(userId)
      .setAudience("lyceum")
      .setIssuedAt(issuedSeconds)
      .setExpirationTime(expireSeconds)
      .sign(key.privateKey);
    return { token, expireTime: new Date(expireSeconds * 1000) };
  };
}
