import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { ReauthenticateRequest } from "@lyceum/gen/proto/lyceum/identity/v1/factor_pb.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { shareUser } from "../admin-store.ts";
import { confirmPassword } from "../confirm-password.ts";
import type { Context } from "../context.ts";
import { secondFactorRequired, sessionNotFound, wrongCode } from "../errors.ts";
import { findFactors } from "../factors/factor-store.ts";
import { guessFactor } from "../factors/guess-factor.ts";
import { hasSecondFactor } from "../factors/mfa-challenge.ts";
import { type FactorProof, proveFactor } from "../factors/prove-factor.ts";
import { noteFailure } from "../note-failure.ts";
import { renewSession } from "../renew-session.ts";
import type { AuthMethod } from "../session.ts";
import { setSessionCookie } from "../session-cookie.ts";
import { proofLifetimeMs } from "../step-up.ts";
import { findLiveSession } from "../store.ts";

export const reauthenticate =
  (ctx: Context): MethodImpl<typeof IdentityService.method.reauthenticate> =>
  async ({ proof }, call) => {
    const { userId, sessionId } = personOf(call);
    const now = new Date();
    if (!(await findLiveSession(ctx.database.db, { userId, sessionId }, now))) throw sessionNotFound();
    const amr = await prove(ctx, call, { userId, proof }, now);
    const cookie = await ctx.database.transaction(async (tx) => {
      await shareUser(tx, userId);
      return renewSession(ctx, tx, call, { proof: { amr, authTime: now }, now });
    });
    if (cookie !== undefined) setSessionCookie(ctx, call, cookie);
    return { expireTime: timestampFromDate(new Date(now.getTime() + proofLifetimeMs)) };
  };

async function prove(
  ctx: Context,
  call: HandlerContext,
  { userId, proof }: { userId: string; proof: ReauthenticateRequest["proof"] },
  now: Date,
): Promise<AuthMethod[]> {
  if (proof.case !== "password") {
    const use = { userId, proof: proof as FactorProof };
    const method = await guessFactor(ctx, call, userId, () =>
      ctx.database.transaction((tx) => proveFactor(ctx, tx, call, use, now)),
    );
    if (!method) {
      const details = { secondFactor: String(proof.case) };
      await noteFailure(ctx, call, { event: "reauthentication-failed", targetId: userId, details });
      throw wrongCode();
    }
    return [method, "mfa"];
  }
  // Whoever has stolen a session and a password must not be able to take the second factor away.
  if (hasSecondFactor(await findFactors(ctx.database.db, userId))) throw secondFactorRequired();
  await confirmPassword(ctx, proof.value, call);
  return ["pwd"];
}
