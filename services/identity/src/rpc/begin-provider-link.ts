import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { beginFlow } from "../providers/provider-flow.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const beginProviderLink =
  (ctx: Context): MethodImpl<typeof IdentityService.method.beginProviderLink> =>
  async ({ providerId }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    return beginFlow(ctx, { providerId, returnTo: "/", userId });
  };
