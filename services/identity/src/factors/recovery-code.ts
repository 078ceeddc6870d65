import { createHash, randomBytes } from "node:crypto";
import type { Db } from "@lyceum/database";
import { findFactors, replaceRecoveryCodes } from "./factor-store.ts";
import { hasSecondFactor } from "./mfa-challenge.ts";

/** How many recovery codes a person is given. */
const codeCount = 10;

/** Gives a person new recovery codes; those before are worth nothing. */
export async function giveRecoveryCodes(db: Db, userId: string): Promise<string[]> {
  const codes = newRecoveryCodes();
  await replaceRecoveryCodes(db, userId, codes.map(hashRecoveryCode));
  return codes;
}

/** Gives recovery codes to whoever has none, with their first second factor. */
export async function giveFirstRecoveryCodes(db: Db, userId: string): Promise<string[]> {
  const { recoveryCodes } = await findFactors(db, userId);
  return recoveryCodes > 0 ? [] : giveRecoveryCodes(db, userId);
}

/** Takes the recovery codes from whoever has no second factor any more. */
export async function dropUselessRecoveryCodes(db: Db, userId: string): Promise<void> {
  if (!hasSecondFactor(await findFactors(db, userId))) await replaceRecoveryCodes(db, userId, []);
}

/** New recovery codes, such as `7k2m-9qxd-vh4t-3w5n`: 80 random bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: codeCount }, () => {
    const letters = Array.from(randomBytes(16), (byte) => alphabet[byte % alphabet.length]).join("");
    return letters.replace(/.{4}(?=.)/g, "$&-");
  });
}

/** The form in which a code is kept, however it was typed. Its random bits need no salt and no slow hash. */
export function hashRecoveryCode(code: string): string {
  return createHash("sha256")
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ""))
    .digest("base64url");
}

// 32 letters that nobody takes for one another, so a byte chooses each as often.
const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
