import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { endApiKeys } from "../end-api-keys.ts";
import { apiKeyNotFound } from "../errors.ts";
import { noteSecurityChange } from "../note-security-change.ts";

export const revokeApiKey =
  (ctx: Context): MethodImpl<typeof IdentityService.method.revokeApiKey> =>
  async ({ apiKeyId: keyId }, call) => {
    const { userId } = personOf(call);
    await ctx.database.transaction(async (tx) => {
      const [ended] = await endApiKeys(ctx, tx, { userId, keyId }, new Date());
      if (!ended) throw apiKeyNotFound();
      await noteSecurityChange(ctx, tx, call, "api-key-revoked", { userId, details: { apiKeyId: ended.id } });
    });
    return {};
  };
