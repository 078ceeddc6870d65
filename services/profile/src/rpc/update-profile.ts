import type { MethodImpl } from "@connectrpc/connect";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { profileChanged, profileNotFound } from "../errors.ts";
import { withDefaults } from "../preferences.ts";
import { applyChange, type ProfileFields, readChange } from "../profile.ts";
import { toProfileMessage } from "../profile-message.ts";
import { lockProfile, type ProfileRow, updateProfileFields } from "../store.ts";

export const updateProfile =
  (ctx: Context): MethodImpl<typeof ProfileService.method.updateProfile> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const change = readChange({ ...req, discoverable: req.privacy?.discoverable, presence: req.privacy?.presence });
    await ensureProfiles(ctx, [userId], { signal: call.signal, onBehalfOf: userId });

    const profile = await ctx.database.transaction(async (tx) => {
      const current = await lockProfile(tx, userId);
      if (!current) throw profileNotFound();
      if (req.version !== undefined && req.version !== BigInt(current.version)) throw profileChanged();
      const fields = applyChange(toFields(current), change);
      if (!fields) return current;
      const updated = await updateProfileFields(tx, userId, fields, new Date());
      await ctx.events.append(tx, profileUpdated({ userId, version: updated.version }));
      return updated;
    });
    return { profile: toProfileMessage(profile, userId) };
  };

function toFields(row: ProfileRow): ProfileFields {
  const { displayName, bio, locale, timeZone, discoverable, presence } = row;
  return { displayName, bio, locale, timeZone, discoverable, presence, preferences: withDefaults(row.preferences) };
}
