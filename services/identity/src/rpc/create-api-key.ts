import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId, personOf } from "@lyceum/service";
import { apiKeyScopes, maxApiKeys, newApiKey } from "../api-key.ts";
import { toApiKeyMessage } from "../api-key-message.ts";
import { countApiKeys, insertApiKey } from "../api-key-store.ts";
import type { Context } from "../context.ts";
import { tooManyApiKeys } from "../errors.ts";

export const createApiKey =
  (ctx: Context): MethodImpl<typeof IdentityService.method.createApiKey> =>
  async ({ name, scopes, expireTime }, call) => {
    const { userId } = personOf(call);
    const { secret, prefix, hash } = newApiKey();
    const row = await ctx.database.transaction(async (tx) => {
      if ((await countApiKeys(tx, userId)) >= maxApiKeys) throw tooManyApiKeys(maxApiKeys);
      return insertApiKey(tx, {
        id: newId(),
        userId,
        name,
        prefix,
        hash,
        scopes: scopes.length > 0 ? scopes : [...apiKeyScopes],
        createTime: new Date(),
        expireTime: expireTime ? timestampDate(expireTime) : null,
      });
    });
    return { apiKey: toApiKeyMessage(row), secret };
  };
