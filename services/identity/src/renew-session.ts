import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { newId, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { sessionRevoked } from "./errors.ts";
import { hashRefreshToken, newRefreshToken } from "./refresh-token.ts";
import { type AuthMethod, endLockedSession } from "./session.ts";
import { insertSession, lockSession, moveRefreshTokens, proveSession } from "./store.ts";

/** What a session's person has just proved, and when. */
export type SessionProof = { readonly amr: readonly AuthMethod[]; readonly authTime: Date };

/**
 * Has the caller's session go on after they proved who they are, which it notes where `proof` is given; `tx` shares or locks their
 * row. A session in a cookie gives way to another one as old, so that all that was begun with its cookie ends; the answer is the new
 * one's cookie, to be set after the commit. Throws `unauthenticated SESSION_REVOKED` for a session that has ended meanwhile.
 */
export async function renewSession(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  call: HandlerContext,
  { proof, now }: { proof: SessionProof | undefined; now: Date },
): Promise<string | undefined> {
  const { userId, sessionId } = personOf(call);
  const session = await lockSession(tx, sessionId, userId);
  if (!session || session.revokeTime) throw sessionRevoked();
  if (!session.cookieHash) {
    if (proof) await proveSession(tx, session.id, proof.amr, proof.authTime);
    return undefined;
  }
  const { userAgent, network, createTime } = session;
  const { amr, authTime } = proof ?? session;
  const cookie = newRefreshToken();
  const next = { id: newId(), userId, userAgent, network, amr: [...amr], authTime, createTime, lastSeenTime: now };
  await insertSession(tx, { ...next, cookieHash: hashRefreshToken(cookie) }, undefined);
  await moveRefreshTokens(tx, session.id, next.id);
  await endLockedSession(ctx, tx, session, now);
  return cookie;
}
