import { createHash, createHmac } from "node:crypto";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
} from "openid-client";
import { providerRefused, providerUnreachable } from "../errors.ts";

/** How a provider is set up. */
export type ProviderSettings = {
  readonly id: string;
  readonly name: string;
  /** Its issuer identifier (OpenID Connect Discovery 1.0). */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** What is asked of it. */
  readonly scope: string;
};

/** Who a provider says a person is. */
export type Claimed = {
  readonly issuer: string;
  readonly subject: string;
  /** Their address there, if the provider has verified it. */
  readonly verifiedEmail: string | undefined;
  readonly name: string;
};

/** An OpenID provider, reached by the authorization code flow with PKCE, state and nonce (RFC 9700). */
export type Provider = ProviderSettings & {
  /** The page that a flow begins at. Throws `unavailable` if the provider cannot be reached. */
  authorizationUrl(flowToken: string): Promise<string>;
  /** Who came back from a flow. Throws `unauthenticated` for what does not fit its beginning. */
  redeem(flowToken: string, callbackQuery: string): Promise<Claimed>;
};

const timeoutS = 10;

/** A provider that is asked how it works when it is first used. */
export function createProvider(settings: ProviderSettings, publicUrl: string): Provider {
  const redirectUri = `${publicUrl}/auth/callback`;
  let discovered: Promise<Configuration> | undefined;
  const configure = () => {
    discovered ??= discover(settings).catch((error) => {
      discovered = undefined;
      throw providerUnreachable(error);
    });
    return discovered;
  };
  return {
    ...settings,
    async authorizationUrl(flowToken) {
      const { state, nonce, verifier } = secretsOf(flowToken);
      const url = buildAuthorizationUrl(await configure(), {
        redirect_uri: redirectUri,
        scope: settings.scope,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return url.href;
    },
    async redeem(flowToken, callbackQuery) {
      const config = await configure();
      const { state, nonce, verifier } = secretsOf(flowToken);
      const url = new URL(redirectUri);
      url.search = callbackQuery;
      try {
        const tokens = await authorizationCodeGrant(config, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new Error("The provider sent no ID token.");
        const { email, email_verified, name } =
          claims.email === undefined ? await fetchUserInfo(config, tokens.access_token, claims.sub) : claims;
        return {
          issuer: claims.iss,
          subject: claims.sub,
          verifiedEmail: email_verified === true && isAddress(email) ? email : undefined,
          name: typeof name === "string" ? name : "",
        };
      } catch (error) {
        throw isNetworkFailure(error) ? providerUnreachable(error) : providerRefused(error);
      }
    },
  };
}

/** The form in which a flow's token is kept. */
export function hashFlow(flowToken: string): string {
  return createHash("sha256").update(flowToken).digest("base64url");
}

/** All that a flow is recognized by: derived from its token, so that none of it has to be kept. */
function secretsOf(flowToken: string): { state: string; nonce: string; verifier: string } {
  const derive = (purpose: string) => createHmac("sha256", flowToken).update(purpose).digest("base64url");
  return { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") };
}

function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<Configuration> {
  const url = new URL(issuer);
  const execute = url.protocol === "http:" ? [allowInsecureRequests] : [];
  return discovery(url, clientId, clientSecret, undefined, { execute, timeout: timeoutS });
}

/** As sign-up takes them: ASCII, so that no address looks like another. */
function isAddress(email: unknown): email is string {
  return typeof email === "string" && email.length <= 254 && /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email);
}

function isNetworkFailure(error: unknown): boolean {
  const { name, message } = error as Error;
  return (error instanceof TypeError && message === "fetch failed") || name === "TimeoutError" || name === "AbortError";
}
