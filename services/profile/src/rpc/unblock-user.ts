import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf } from "@lyceum/service";
import { deleteBlock } from "../block-store.ts";
import type { Context } from "../context.ts";

export const unblockUser =
  (ctx: Context): MethodImpl<typeof ProfileService.method.unblockUser> =>
  async ({ userId }, call) => {
    await deleteBlock(ctx.database.db, personOf(call).userId, userId);
    return {};
  };
