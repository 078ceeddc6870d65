import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import type { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import type { Clients } from "@lyceum/service";
import { createRemembered, type Remembered } from "./remember.ts";

/** Who is told that a person is there, asked of profile. */
export type PresenceAudiences = Remembered<PresenceAudience>;

export function createPresenceAudiences(clients: Clients): PresenceAudiences {
  return createRemembered(async (userIds) => {
    const options = await clients.asService("profile");
    const { audiences } = await clients.of(ProfileInternalService).listPresenceAudiences({ userIds }, options);
    return new Map(Object.entries(audiences));
  });
}
