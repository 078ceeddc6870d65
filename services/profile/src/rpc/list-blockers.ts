import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import { listBlockers as listBlockerIds } from "../block-store.ts";
import type { Context } from "../context.ts";

export const listBlockers =
  (ctx: Context): MethodImpl<typeof ProfileInternalService.method.listBlockers> =>
  async ({ userId, amongIds }) => ({ userIds: await listBlockerIds(ctx.database.db, userId, amongIds) });
