import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { lastSignInMethod, passkeyNotFound } from "../errors.ts";
import { canSignIn, findFactors, lockUser } from "../factors/factor-store.ts";
import { deletePasskey as deleteRow } from "../factors/passkey-store.ts";
import { dropUselessRecoveryCodes } from "../factors/recovery-code.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const deletePasskey =
  (ctx: Context): MethodImpl<typeof IdentityService.method.deletePasskey> =>
  async ({ passkeyId }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    await ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      if (!(await deleteRow(tx, userId, passkeyId))) throw passkeyNotFound();
      if (!canSignIn(await findFactors(tx, userId))) throw lastSignInMethod();
      await dropUselessRecoveryCodes(tx, userId);
      await noteSecurityChange(ctx, tx, call, "passkey-removed", { userId, details: { factor: "passkey", passkeyId } });
    });
    return {};
  };
