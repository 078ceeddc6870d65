import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { invalidField, newId } from "@lyceum/service";
import { apiKeyScopes, maxApiKeys, newApiKey } from "../api-key.ts";
import { toApiKeyMessage } from "../api-key-message.ts";
import { countApiKeys, insertApiKey } from "../api-key-store.ts";
import type { Context } from "../context.ts";
import { tooManyApiKeys } from "../errors.ts";
import { orderKeyEnd } from "../jobs/end-expired-key.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

/** The end of 9999, in seconds since 1970: the last that a Timestamp may name. */
const lastSecond = 253_402_300_799n;

export const createApiKey =
  (ctx: Context): MethodImpl<typeof IdentityService.method.createApiKey> =>
  async ({ name, scopes, expireTime }, call) => {
    if (/\p{Cc}/u.test(name)) throw invalidField("name", "must not contain control characters");
    if (expireTime && expireTime.seconds > lastSecond)
      throw invalidField("expire_time", "must be before the year 10000");
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const { secret, prefix, hash } = newApiKey();
    const row = await ctx.database.transaction(async (tx) => {
      if ((await countApiKeys(tx, userId)) >= maxApiKeys) throw tooManyApiKeys(maxApiKeys);
      const id = newId();
      await noteSecurityChange(ctx, tx, call, "api-key-made", { userId, details: { apiKeyId: id } });
      const made = await insertApiKey(tx, {
        id,
        userId,
        name: name.toWellFormed(),
        prefix,
        hash,
        scopes: scopes.length > 0 ? scopes : [...apiKeyScopes],
        createTime: new Date(),
        expireTime: expireTime ? timestampDate(expireTime) : null,
      });
      await orderKeyEnd(ctx.jobs, tx, made);
      return made;
    });
    return { apiKey: toApiKeyMessage(row), secret };
  };
