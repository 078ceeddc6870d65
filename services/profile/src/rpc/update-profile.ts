import type { MethodImpl } from "@connectrpc/connect";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { profileNotFound } from "../errors.ts";
import { applyChange, readChange } from "../profile.ts";
import { toProfileMessage } from "../profile-message.ts";
import { lockProfile, updateProfileFields } from "../store.ts";

export const updateProfile =
  (ctx: Context): MethodImpl<typeof ProfileService.method.updateProfile> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const change = readChange(req);
    await ensureProfiles(ctx, [userId], { signal: call.signal, onBehalfOf: userId });

    const profile = await ctx.database.transaction(async (tx) => {
      const current = await lockProfile(tx, userId);
      if (!current) throw profileNotFound();
      const fields = applyChange(current, change);
      if (!fields) return current;
      const updated = await updateProfileFields(tx, userId, fields, new Date());
      await ctx.events.append(tx, profileUpdated({ userId, version: updated.version }));
      return updated;
    });
    return { profile: toProfileMessage(profile, userId) };
  };
