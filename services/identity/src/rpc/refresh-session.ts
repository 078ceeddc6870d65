import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { type AuditEntry, appendAudit } from "../audit.ts";
import { type Client, clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { invalidRefreshToken, sessionRevoked } from "../errors.ts";
import { hashRefreshToken, judgeRefresh, newSuccessorKey, successorOf } from "../refresh-token.ts";
import { endLockedSession, toSessionMessage } from "../session.ts";
import { lockSessionOfToken, type RefreshTokenRow, replaceRefreshToken, type SessionRow } from "../store.ts";

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
          return { ...known, successor: await rotate(tx, refreshToken, known.token, now) };
        case "repeat":
          return { ...known, successor: successorOf(refreshToken, verdict.successorKey) };
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
    const tokens = { sessionId: outcome.session.id, refreshToken: outcome.successor };
    return { session: await toSessionMessage(ctx, outcome.user, tokens, now) };
  };

/** Nobody knows whether the thief or the owner called. */
function reuseOf({ id, userId }: SessionRow, client: Client): AuditEntry {
  return { event: "refresh-token-reused", targetId: userId, client, details: { sessionId: id } };
}

async function rotate(tx: Transaction, refreshToken: string, row: RefreshTokenRow, now: Date): Promise<string> {
  const key = newSuccessorKey();
  const successor = successorOf(refreshToken, key);
  await replaceRefreshToken(tx, row, { hash: hashRefreshToken(successor), key }, now);
  return successor;
}
