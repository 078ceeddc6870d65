import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { totpNotBegun, wrongCode } from "../errors.ts";
import { lockTotp, lockUser, takeTotpStep } from "../factors/factor-store.ts";
import { giveFirstRecoveryCodes } from "../factors/recovery-code.ts";
import { checkTotp } from "../factors/totp.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const confirmTotp =
  (ctx: Context): MethodImpl<typeof IdentityService.method.confirmTotp> =>
  async ({ code }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const now = new Date();
    const recoveryCodes = await ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      const factor = await lockTotp(tx, userId);
      if (!factor || factor.confirmTime) throw totpNotBegun();
      const step = checkTotp(ctx.sealing.open(factor.secret, userId), code, now, factor.lastStep);
      if (step === undefined) throw wrongCode();
      await takeTotpStep(tx, userId, step, now);
      await noteSecurityChange(ctx, tx, call, "app-added", { userId, details: { factor: "authenticator app" } });
      return giveFirstRecoveryCodes(tx, userId);
    });
    return { recoveryCodes };
  };
