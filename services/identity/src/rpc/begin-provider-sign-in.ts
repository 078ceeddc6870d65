import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { invalidField } from "@lyceum/service";
import type { Context } from "../context.ts";
import { beginFlow } from "../providers/provider-flow.ts";
import { readReturnTo } from "../providers/return-to.ts";

export const beginProviderSignIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.beginProviderSignIn> =>
  async (req) => {
    const returnTo = readReturnTo(req.returnTo);
    if (returnTo === undefined) throw invalidField("return_to", "must be a path of Lyceum's own page");
    return beginFlow(ctx, { providerId: req.providerId, returnTo });
  };
