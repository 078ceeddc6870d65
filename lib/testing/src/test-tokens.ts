import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Who a test acts as; what is left out is made up. */
export type TestPerson = {
  readonly userId?: string;
  readonly sessionId?: string;
  readonly roles?: readonly string[];
};

/** A key that stands for identity's, and the access tokens it signs. */
export type TestTokens = {
  readonly publicKey: JWK;
  /** A token as identity would give it; `issuer` is the process's public address. */
  tokenFor(issuer: string, person: TestPerson): Promise<string>;
};

const keyId = "test";

/** Makes a key that only the process given its public half trusts. */
export async function createTestTokens(): Promise<TestTokens> {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA");
  return {
    publicKey: { ...(await exportJWK(publicKey)), kid: keyId, alg: "EdDSA", use: "sig" },
    tokenFor(issuer, { userId = randomUUID(), sessionId = randomUUID(), roles = [] }) {
      return new SignJWT({ sid: sessionId, roles })
        .setProtectedHeader({ alg: "EdDSA", kid: keyId })
        .setIssuer(issuer)
        .setAudience("lyceum")
        .setSubject(userId)
        .setIssuedAt()
        .setExpirationTime("10m")
        .sign(privateKey);
    },
  };
}
