import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";

export const listProviders =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listProviders> =>
  async () => ({ providers: ctx.providers.map(({ id, name }) => ({ id, name })) });
