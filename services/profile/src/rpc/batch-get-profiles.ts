import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { toProfileMessage } from "../profile-message.ts";

export const batchGetProfiles =
  (ctx: Context): MethodImpl<typeof ProfileService.method.batchGetProfiles> =>
  async ({ userIds }, call) => {
    const viewer = personOf(call).userId;
    const profiles = await ensureProfiles(ctx, userIds, { signal: call.signal, onBehalfOf: viewer });
    return { profiles: profiles.map((profile) => toProfileMessage(profile, viewer)) };
  };
