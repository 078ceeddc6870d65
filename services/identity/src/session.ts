import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import type { SessionSchema } from "@lyceum/gen/proto/lyceum/identity/v1/session_pb.ts";
import { callerOf, newId } from "@lyceum/service";
import { type AuditEventName, appendAudit } from "./audit.ts";
import { type Client, clientOf } from "./client.ts";
import type { Context } from "./context.ts";
import { accountSuspended } from "./errors.ts";
import { noteOwnAct } from "./own-act.ts";
import { hashRefreshToken, newRefreshToken } from "./refresh-token.ts";
import { asksForCookie, setSessionCookie } from "./session-cookie.ts";
import {
  deleteEndedSessions,
  insertSession,
  lockLiveSessions,
  lockSession,
  revokeSession,
  type SessionRow,
  type UserRow,
} from "./store.ts";

/** A session's id and its latest refresh token or its cookie, known only to the answer that carries it. */
export type SessionTokens = { readonly sessionId: string } & (
  | { readonly refreshToken: string }
  | { readonly cookie: string }
);

/** How somebody proved who they are: RFC 8176's words where it has one. */
export type AuthMethod = "pwd" | "otp" | "recovery" | "mail" | "hwk" | "fed" | "mfa";

/**
 * Signs a person in on the device that calls, who has just proved who they are by `amr`; `tx` shares their row. Throws
 * `permission_denied ACCOUNT_SUSPENDED` for whom moderators keep out.
 */
export async function startSession(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  { id: userId, suspendTime }: Pick<UserRow, "id" | "suspendTime">,
  call: HandlerContext,
  { amr, now }: { amr: readonly AuthMethod[]; now: Date },
): Promise<SessionTokens> {
  if (suspendTime) throw accountSuspended();
  const sessionId = newId();
  const secret = newRefreshToken();
  const hash = hashRefreshToken(secret);
  const { userAgent, network } = clientOf(call);
  const session = { id: sessionId, userId, userAgent, network, amr: [...amr], authTime: now };
  const begun = { ...session, createTime: now, lastSeenTime: now };
  if (!asksForCookie(call)) {
    await insertSession(tx, begun, hash);
    return { sessionId, refreshToken: secret };
  }
  await endReplacedSession(ctx, tx, call, now);
  await insertSession(tx, { ...begun, cookieHash: hash }, undefined);
  return { sessionId, cookie: secret };
}

/** Ends the session whose cookie is about to be replaced: nobody could use it any more, but who has stolen the cookie. */
export async function endReplacedSession(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  call: HandlerContext,
  now: Date,
): Promise<void> {
  const caller = callerOf(call);
  if (caller.kind !== "person") return;
  const session = await lockSession(tx, caller.sessionId, caller.userId);
  if (!session?.cookieHash || session.revokeTime) return;
  await endLockedSession(ctx, tx, session, now);
  await noteOwnAct(tx, call, { event: "signed-out", userId: caller.userId, details: { sessionId: session.id } });
}

/** Ends a person's own session, once, and notes it as `event`; answers it, or undefined if they have no such session. */
export async function endSession(
  ctx: Context,
  { sessionId, userId }: { sessionId: string; userId: string },
  { event, client }: { event: AuditEventName; client: Client },
  now: Date,
): Promise<SessionRow | undefined> {
  return ctx.database.transaction(async (tx) => {
    const session = await lockSession(tx, sessionId, userId);
    if (session && !session.revokeTime) {
      await endLockedSession(ctx, tx, session, now);
      await appendAudit(tx, { event, actorId: userId, targetId: userId, client, details: { sessionId } }, now);
    }
    return session;
  });
}

/** Ends a live session whose row `tx` has locked, and tells every verifier. */
export async function endLockedSession(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  session: { id: string; userId: string },
  now: Date,
): Promise<void> {
  const version = await revokeSession(tx, session.id, now);
  await ctx.events.append(tx, sessionRevoked({ sessionId: session.id, userId: session.userId, version }));
}

/** Ends all sessions of a person but `except`, such as the one that asks. */
export async function endSessionsOf(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  userId: string,
  now: Date,
  except?: string,
): Promise<void> {
  for (const session of await lockLiveSessions(tx, userId)) {
    if (session.id !== except) await endLockedSession(ctx, tx, session, now);
  }
}

/** Forgets sessions that ended of age, and tells every verifier: what they have open is cut. */
export async function forgetEndedSessions(ctx: Pick<Context, "database" | "events">, now: Date): Promise<void> {
  await ctx.database.transaction(async (tx) => {
    for (const { id, userId, version, revokeTime } of await deleteEndedSessions(tx, now)) {
      if (revokeTime) continue;
      await ctx.events.append(tx, sessionRevoked({ sessionId: id, userId, version: version + 1 }));
    }
  });
}

/** A session as the device that holds it sees it: with a fresh access token, or with the answer's cookie and no token. */
export async function toSessionMessage(
  ctx: Context,
  user: UserRow,
  tokens: SessionTokens,
  call: HandlerContext,
  now: Date,
): Promise<MessageInitShape<typeof SessionSchema>> {
  const { sessionId } = tokens;
  if ("cookie" in tokens) {
    setSessionCookie(ctx, call, tokens.cookie);
    return { sessionId };
  }
  const access = await ctx.signAccessToken({ userId: user.id, sessionId, roles: user.roles }, now);
  return {
    accessToken: access.token,
    accessTokenExpireTime: timestampFromDate(access.expireTime),
    refreshToken: tokens.refreshToken,
    sessionId,
  };
}
