import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { totpNotFound } from "../errors.ts";
import { deleteTotp, lockUser } from "../factors/factor-store.ts";
import { dropUselessRecoveryCodes } from "../factors/recovery-code.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const disableTotp =
  (ctx: Context): MethodImpl<typeof IdentityService.method.disableTotp> =>
  async (_req, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    await ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      if (!(await deleteTotp(tx, userId))) throw totpNotFound();
      await dropUselessRecoveryCodes(tx, userId);
      await noteSecurityChange(ctx, tx, call, "app-removed", { userId, details: { factor: "authenticator app" } });
    });
    return {};
  };
