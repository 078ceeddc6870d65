import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** The address that calls itself the issuer of the benchmarks' tokens. */
export const benchIssuer = "http://bench.invalid";

/** A person's access token, and the public key by which it is verified, as JSON. */
export async function makeBenchToken(): Promise<{ key: string; token: string }> {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const key = JSON.stringify({ ...(await exportJWK(publicKey)), kid: "bench", alg: "EdDSA", use: "sig" });
  const token = await new SignJWT({ sid: "bench", roles: [] })
    .setProtectedHeader({ alg: "EdDSA", kid: "bench" })
    .setIssuer(benchIssuer)
    .setSubject("019a0000-0000-7000-8000-000000000000")
    .setAudience("lyceum")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);
  return { key, token };
}
