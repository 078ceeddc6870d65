import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { noSecondFactor } from "../errors.ts";
import { findFactors, lockUser } from "../factors/factor-store.ts";
import { hasSecondFactor } from "../factors/mfa-challenge.ts";
import { giveRecoveryCodes } from "../factors/recovery-code.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const regenerateRecoveryCodes =
  (ctx: Context): MethodImpl<typeof IdentityService.method.regenerateRecoveryCodes> =>
  async (_req, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const recoveryCodes = await ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      if (!hasSecondFactor(await findFactors(tx, userId))) throw noSecondFactor();
      await noteSecurityChange(ctx, tx, call, "recovery-codes-made", { userId });
      return giveRecoveryCodes(tx, userId);
    });
    return { recoveryCodes };
  };
