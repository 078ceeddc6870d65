import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { profileNotFound } from "../errors.ts";
import { toProfileMessage } from "../profile-message.ts";

export const getProfile =
  (ctx: Context): MethodImpl<typeof ProfileService.method.getProfile> =>
  async (req, call) => {
    const viewer = personOf(call).userId;
    const userId = req.userId === "me" ? viewer : req.userId;
    const [profile] = await ensureProfiles(ctx, [userId], { signal: call.signal, onBehalfOf: viewer });
    if (!profile) throw profileNotFound();
    return { profile: toProfileMessage(profile, viewer) };
  };
