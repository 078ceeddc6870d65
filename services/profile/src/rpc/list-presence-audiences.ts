import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { listProfiles } from "../store.ts";

export const listPresenceAudiences =
  (ctx: Context): MethodImpl<typeof ProfileInternalService.method.listPresenceAudiences> =>
  async ({ userIds }) => {
    const profiles = await listProfiles(ctx.database.db, userIds);
    return { audiences: Object.fromEntries(profiles.map(({ userId, presence }) => [userId, presence])) };
  };
