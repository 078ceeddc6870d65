import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Db } from "@lyceum/database";
import { eq } from "drizzle-orm";
import { one } from "./one.ts";
import { secrets } from "./schema.ts";

/** Signs what files gives out, so that it knows it again. */
export type Signer = {
  /** 32 letters of base64url, which nobody guesses. */
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
};

const signatureBytes = 24;

/** Opens the signer of this installation, whose key the first start of the first replica makes. */
export async function openSigner(db: Db): Promise<Signer> {
  const name = "signing";
  await db
    .insert(secrets)
    .values({ name, value: randomBytes(32).toString("base64url") })
    .onConflictDoNothing();
  const { value } = one(await db.select().from(secrets).where(eq(secrets.name, name)));
  return createSigner(Buffer.from(value, "base64url"));
}

/** Signs by HMAC-SHA-256 (RFC 2104), cut to 192 bits. */
export function createSigner(key: Uint8Array): Signer {
  const sign = (text: string) =>
    createHmac("sha256", key).update(text).digest().subarray(0, signatureBytes).toString("base64url");
  return {
    sign,
    verify(text, signature) {
      // Letter by letter: several texts stand for the same bytes in base64url.
      const [right, given] = [Buffer.from(sign(text)), Buffer.from(signature)];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
