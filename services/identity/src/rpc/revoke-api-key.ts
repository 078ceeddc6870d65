import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { endApiKeys } from "../end-api-keys.ts";
import { apiKeyNotFound } from "../errors.ts";

export const revokeApiKey =
  (ctx: Context): MethodImpl<typeof IdentityService.method.revokeApiKey> =>
  async ({ apiKeyId: keyId }, call) => {
    const { userId } = personOf(call);
    const ended = await ctx.database.transaction((tx) => endApiKeys(ctx, tx, { userId, keyId }, new Date()));
    if (ended.length === 0) throw apiKeyNotFound();
    return {};
  };
