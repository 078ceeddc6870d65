import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { toApiKeyMessage } from "../api-key-message.ts";
import { listApiKeys as listRows } from "../api-key-store.ts";
import type { Context } from "../context.ts";
import { readIdPage, toIdPage } from "../id-page.ts";

export const listApiKeys =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listApiKeys> =>
  async (req, call) => {
    const { limit, after } = readIdPage(req);
    const found = await listRows(ctx.database.db, { userId: personOf(call).userId, limit: limit + 1, after });
    const { page, nextPageToken } = toIdPage(found, limit);
    return { apiKeys: page.map(toApiKeyMessage), nextPageToken };
  };
