import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "../errors.ts";

/** The sessions that ended while tokens of theirs may still be alive, and the streams that hang on live ones. */
export type Revocations = {
  revoke(sessionId: string, at: Date): void;
  has(sessionId: string): boolean;
  /** Calls `onRevoked` when the session ends; the answer stops watching. */
  watch(sessionId: string, onRevoked: (error: ConnectError) => void): () => void;
};

/** Keeps each revoked session for `tokenLifetimeMs`: after that, no token of it is alive. */
export function createRevocations(tokenLifetimeMs: number): Revocations {
  // Kept in the order of insertion, which is nearly that of time: the oldest are dropped from the front.
  const revokedUntilMs = new Map<string, number>();
  const watchers = new Map<string, Set<(error: ConnectError) => void>>();
  return {
    revoke(sessionId, at) {
      const now = Date.now();
      for (const [old, untilMs] of revokedUntilMs) {
        if (untilMs > now) break;
        revokedUntilMs.delete(old);
      }
      // Clocks may differ by a minute between machines.
      revokedUntilMs.set(sessionId, at.getTime() + tokenLifetimeMs + 60_000);
      for (const onRevoked of watchers.get(sessionId) ?? []) onRevoked(sessionRevokedError());
      watchers.delete(sessionId);
    },
    has: (sessionId) => revokedUntilMs.has(sessionId),
    watch(sessionId, onRevoked) {
      const set = watchers.get(sessionId) ?? new Set();
      watchers.set(sessionId, set.add(onRevoked));
      return () => {
        set.delete(onRevoked);
        if (set.size === 0 && watchers.get(sessionId) === set) watchers.delete(sessionId);
      };
    },
  };
}

/** The session behind a token has ended. */
export const sessionRevokedError = () =>
  fail(Code.Unauthenticated, "SESSION_REVOKED", "This session has ended. Sign in again.");
