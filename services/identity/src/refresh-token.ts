import { createHash, createHmac, randomBytes } from "node:crypto";

/** How long a replaced refresh token still returns its successor, for tabs that refresh at once and for lost answers. */
export const graceMs = 30_000;

/** A session not refreshed for so long has ended. */
export const idleLifetimeMs = 30 * 24 * 3_600_000;

/** No session lives longer, however often it is refreshed. */
export const absoluteLifetimeMs = 180 * 24 * 3_600_000;

/** What is kept of a refresh token. */
export type KnownToken = {
  /** When its successor was made; null while it is the latest. */
  readonly replaceTime: Date | null;
  /** The key its successor was derived with; null while it is the latest. */
  readonly successorKey: string | null;
};

/** What decides whether a session can still be refreshed. */
export type SessionLife = {
  readonly createTime: Date;
  readonly lastSeenTime: Date;
  readonly revokeTime: Date | null;
};

/** What a refresh token is worth. */
export type Verdict =
  | { readonly kind: "rotate" }
  | { readonly kind: "repeat"; readonly successorKey: string }
  | { readonly kind: "reused" }
  | { readonly kind: "revoked" }
  | { readonly kind: "expired" };

/** Judges a known refresh token: a latest one rotates, a replaced one repeats its successor during the grace and betrays a theft afterwards. */
export function judgeRefresh(token: KnownToken, session: SessionLife, now: Date): Verdict {
  if (session.revokeTime) return { kind: "revoked" };
  if (isExpired(session, now)) return { kind: "expired" };
  if (!token.replaceTime || !token.successorKey) return { kind: "rotate" };
  if (now.getTime() - token.replaceTime.getTime() > graceMs) return { kind: "reused" };
  return { kind: "repeat", successorKey: token.successorKey };
}

function isExpired(session: SessionLife, now: Date): boolean {
  const { idleSince, bornSince } = liveSince(now);
  return session.lastSeenTime < idleSince || session.createTime < bornSince;
}

/** The earliest times that a session alive at `now` can have been last seen and created. */
export function liveSince(now: Date): { idleSince: Date; bornSince: Date } {
  return {
    idleSince: new Date(now.getTime() - idleLifetimeMs),
    bornSince: new Date(now.getTime() - absoluteLifetimeMs),
  };
}

/** The first refresh token of a session: 256 random bits, base64url. */
export function newRefreshToken(): string {
  return randomBytes(32).toString("base64url");
}

/** A fresh key to derive one successor with. */
export function newSuccessorKey(): string {
  return randomBytes(32).toString("base64url");
}

/** The token that follows `token`. Who has only the stored hash and key cannot compute it. */
export function successorOf(token: string, successorKey: string): string {
  return createHmac("sha256", Buffer.from(successorKey, "base64url")).update(token).digest("base64url");
}

/** The form in which a refresh token is kept. Its 256 random bits need no salt and no slow hash. */
export function hashRefreshToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
