import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ProfileSchema } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { withDefaults } from "./preferences.ts";
import type { ProfileRow } from "./store.ts";

/** A profile as `viewerId` may see it: locale, time zone, preferences and privacy are for the person alone. */
export function toProfileMessage(profile: ProfileRow, viewerId: string): MessageInitShape<typeof ProfileSchema> {
  const isOwn = profile.userId === viewerId;
  return {
    userId: profile.userId,
    displayName: profile.displayName,
    bio: profile.bio,
    locale: isOwn ? profile.locale : "",
    timeZone: isOwn ? profile.timeZone : "",
    createTime: timestampFromDate(profile.createTime),
    updateTime: timestampFromDate(profile.updateTime),
    avatarUrl: toAvatarUrl(profile),
    version: BigInt(profile.version),
    ...(isOwn && {
      preferences: withDefaults(profile.preferences),
      privacy: { discoverable: profile.discoverable, presence: profile.presence },
    }),
  };
}

/** Another path for another picture, so that each may be kept for ever. */
function toAvatarUrl({ userId, avatarHash }: ProfileRow): string {
  return avatarHash && `/v1/profiles/${encodeURIComponent(userId)}/avatar?v=${toAvatarVersion(avatarHash)}`;
}

/** What the path of a picture tells of it. */
export function toAvatarVersion(avatarHash: string): string {
  return avatarHash.slice(0, 16);
}
