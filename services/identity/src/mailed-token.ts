import { createHash, randomBytes, randomInt } from "node:crypto";

/** How long links and codes in mails hold. */
export const mailedLifetimeMs = {
  "verify-email": 24 * 3_600_000,
  "reset-password": 3_600_000,
  "change-email": 24 * 3_600_000,
  "undo-email-change": 7 * 24 * 3_600_000,
  "sign-in-code": 600_000,
} as const;

/** How often a code may be tried. */
export const maxCodeTries = 5;

/** A token for a link: 256 random bits, base64url. */
export function newMailedToken(): string {
  return randomBytes(32).toString("base64url");
}

/** The form in which a token is kept. Its 256 random bits need no salt and no slow hash. */
export function hashMailedToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Eight random digits. */
export function newSignInCode(): string {
  return randomInt(100_000_000).toString().padStart(8, "0");
}

/** The form in which a code is kept: worth nothing without its challenge, of which only a hash is kept. */
export function hashSignInCode(code: string, challengeHash: string): string {
  return createHash("sha256")
    .update(`${challengeHash} ${code.replace(/\s/g, "")}`)
    .digest("base64url");
}
