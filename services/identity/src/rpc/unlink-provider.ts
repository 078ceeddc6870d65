import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { lastSignInMethod, providerNotFound } from "../errors.ts";
import { canSignIn, findFactors, lockUser } from "../factors/factor-store.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { deleteLink } from "../providers/provider-store.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const unlinkProvider =
  (ctx: Context): MethodImpl<typeof IdentityService.method.unlinkProvider> =>
  async ({ providerId }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    await ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      if (!(await deleteLink(tx, userId, providerId))) throw providerNotFound();
      if (!canSignIn(await findFactors(tx, userId))) throw lastSignInMethod();
      await noteSecurityChange(ctx, tx, call, "provider-unlinked", { userId, details: { provider: providerId } });
    });
    return {};
  };
