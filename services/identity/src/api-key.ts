import { createHash, randomBytes, randomInt } from "node:crypto";

/** How a key looks, so that it can be told from an access token and found where it does not belong. */
export const apiKeyStart = "lyk_";

/** The most keys one person has at a time. */
export const maxApiKeys = 100;

/** Everything a key may do at most. Whoever holds one cannot make keys or change how its owner signs in. */
export const apiKeyScopes: readonly string[] = [
  ...["profile", "files", "chat", "ingest", "rag"].flatMap((service) => [`${service}:read`, `${service}:write`]),
  "identity:read",
];

/** A key that was just made: the key itself, and what is kept of it. */
export type NewApiKey = { readonly secret: string; readonly prefix: string; readonly hash: string };

/** Makes a key of 256 random bits, `lyk_<8 characters by which it is known>_<the rest>`. */
export function newApiKey(): NewApiKey {
  const prefix = `${apiKeyStart}${Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join("")}`;
  const secret = `${prefix}_${randomBytes(32).toString("base64url")}`;
  return { secret, prefix, hash: hashApiKey(secret) };
}

/** The form in which a key is kept. Its random bits need no salt and no slow hash. */
export function hashApiKey(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** True while a key works. */
export function isLiveKey(key: { expireTime: Date | null; revokeTime: Date | null }, now: Date): boolean {
  return key.revokeTime === null && (key.expireTime === null || key.expireTime > now);
}

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
