import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { type AuditEntry, appendAudit } from "../audit.ts";
import { type Client, clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { invalidRefreshToken, sessionRevoked } from "../errors.ts";
import { hashRefreshToken, judgeRefresh, newSuccessorKey, successorOf } from "../refresh-token.ts";
import { endLockedSession, endReplacedSession, toSessionMessage } from "../session.ts";
import { asksForCookie } from "../session-cookie.ts";
import {
  lockSessionOfToken,
  type RefreshTokenRow,
  replaceRefreshToken,
  type SessionRow,
  type UserRow,
} from "../store.ts";

export const refreshSession =
  (ctx: Context): MethodImpl<typeof IdentityService.method.refreshSession> =>
  async ({ refreshToken }, call) => {
    const now = new Date();
    // Failures are answered after the commit: a reused token must leave its session revoked.
    const outcome = await ctx.database.transaction(async (tx) => {
      const known = await lockSessionOfToken(tx, hashRefreshToken(refreshToken));
      if (!known) return { failure: invalidRefreshToken() };
      const verdict = judgeRefresh(known.token, known.session, now);
      switch (verdict.kind) {
        case "rotate":
          if (asksForCookie(call)) await endReplacedSession(ctx, tx, call, now);
          return { ...known, ...(await rotate(tx, refreshToken, known.token, asksForCookie(call), now)) };
        case "repeat":
          return repeat(known, successorOf(refreshToken, verdict.successorKey), asksForCookie(call));
        case "reused":
          await endLockedSession(ctx, tx, known.session, now);
          await appendAudit(tx, reuseOf(known.session, clientOf(call)), now);
          return { failure: sessionRevoked() };
        case "revoked":
          return { failure: sessionRevoked() };
        case "expired":
          return { failure: invalidRefreshToken() };
      }
    });
    if (outcome.failure) throw outcome.failure;
    const { user, successor, isCookie } = outcome;
    const sessionId = outcome.session.id;
    const tokens = isCookie ? { sessionId, cookie: successor } : { sessionId, refreshToken: successor };
    return { session: await toSessionMessage(ctx, user, tokens, call, now) };
  };

/** Nobody knows whether the thief or the owner called. */
function reuseOf({ id, userId }: SessionRow, client: Client): AuditEntry {
  return { event: "refresh-token-reused", targetId: userId, client, details: { sessionId: id } };
}

async function rotate(tx: Transaction, refreshToken: string, row: RefreshTokenRow, isCookie: boolean, now: Date) {
  const key = newSuccessorKey();
  const successor = successorOf(refreshToken, key);
  await replaceRefreshToken(tx, row, { hash: hashRefreshToken(successor), key, isCookie }, now);
  return { successor, isCookie };
}

/** Gives the successor once more, and a cookie only as a cookie. One that has a successor of its own by now is not given again. */
function repeat(known: { session: SessionRow; user: UserRow }, successor: string, asksForCookie: boolean) {
  const { cookieHash } = known.session;
  const isCookie = cookieHash !== null;
  if (isCookie && !(asksForCookie && cookieHash === hashRefreshToken(successor))) {
    return { failure: invalidRefreshToken() };
  }
  return { ...known, successor, isCookie };
}
