import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { accountNotFound } from "../errors.ts";
import { findUser } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const getAccount =
  (ctx: Context): MethodImpl<typeof IdentityService.method.getAccount> =>
  async (_req, call) => {
    const user = await findUser(ctx.database.db, personOf(call).userId);
    if (!user) throw accountNotFound();
    return { user: toUserMessage(user) };
  };
