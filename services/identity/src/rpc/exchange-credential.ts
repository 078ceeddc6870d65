import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { hashApiKey, isLiveKey } from "../api-key.ts";
import { findApiKey, touchApiKey } from "../api-key-store.ts";
import type { Context } from "../context.ts";
import { invalidApiKey, invalidCookie } from "../errors.ts";
import { absoluteLifetimeMs, hashRefreshToken } from "../refresh-token.ts";
import { findSessionOfCookie, touchSession } from "../store.ts";

export const exchangeCredential =
  (ctx: Context): MethodImpl<typeof IdentityInternalService.method.exchangeCredential> =>
  async ({ credential }) => {
    const now = new Date();
    const secret = String(credential.value);
    return credential.case === "cookie" ? exchangeCookie(ctx, secret, now) : exchangeApiKey(ctx, secret, now);
  };

async function exchangeApiKey(ctx: Context, secret: string, now: Date) {
  const found = await findApiKey(ctx.database.db, hashApiKey(secret));
  if (!found || !isLiveKey(found.key, now) || found.user.suspendTime) throw invalidApiKey();
  const { key, user } = found;
  await touchApiKey(ctx.database.db, key.id, now);
  // No roles: a key never reaches what only an operator may do.
  const { token } = await ctx.signAccessToken({ userId: user.id, sessionId: key.id, roles: [] }, now);
  return {
    accessToken: token,
    scopes: key.scopes,
    ...(key.expireTime && { expireTime: timestampFromDate(key.expireTime) }),
  };
}

async function exchangeCookie(ctx: Context, secret: string, now: Date) {
  const found = await findSessionOfCookie(ctx.database.db, hashRefreshToken(secret), now);
  if (!found || found.user.suspendTime) throw invalidCookie();
  const { session, user } = found;
  await touchSession(ctx.database.db, session.id, now);
  const { token } = await ctx.signAccessToken({ userId: user.id, sessionId: session.id, roles: user.roles }, now);
  const endTime = new Date(session.createTime.getTime() + absoluteLifetimeMs);
  return { accessToken: token, scopes: [], expireTime: timestampFromDate(endTime) };
}
