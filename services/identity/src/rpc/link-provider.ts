import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { emailNotVerified, providerEmailUnverified, providerLinked } from "../errors.ts";
import { lockUser } from "../factors/factor-store.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { endFlow } from "../providers/provider-flow.ts";
import { insertLink } from "../providers/provider-store.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const linkProvider =
  (ctx: Context): MethodImpl<typeof IdentityService.method.linkProvider> =>
  async ({ flowToken, callbackQuery }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const { claimed, providerId } = await endFlow(ctx, { flowToken, callbackQuery, userId });
    if (claimed.verifiedEmail === undefined) throw providerEmailUnverified();
    const { issuer, subject } = claimed;
    await ctx.database.transaction(async (tx) => {
      const user = await lockUser(tx, userId);
      if (!user?.emailVerified) throw emailNotVerified();
      const link = { userId, providerId, issuer, subject, linkTime: new Date() };
      if (!(await insertLink(tx, link))) throw providerLinked();
      await noteSecurityChange(ctx, tx, call, "provider-linked", { userId, details: { provider: providerId } });
    });
    return {};
  };
