import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ProfileSchema } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import type { ProfileRow } from "./store.ts";

/** A profile as `viewerId` may see it: locale and time zone are for the person alone. */
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
  };
}
