import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import type { Clients } from "@lyceum/service";
import { createRemembered, type Remembered } from "./remember.ts";

/** The names people go by, asked of profile. */
export type Names = Remembered<string>;

export function createNames(clients: Clients): Names {
  return createRemembered(async (userIds, options) => {
    const { profiles } = await clients.of(ProfileService).batchGetProfiles({ userIds }, options);
    return new Map(profiles.map(({ userId, displayName }) => [userId, displayName]));
  });
}
