import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ManagedUserSchema } from "@lyceum/gen/proto/lyceum/identity/v1/managed_user_pb.ts";
import type { ManagedUserRow } from "./admin-store.ts";

/** An account as moderators and admins see it. */
export function toManagedUserMessage({
  user,
  sessionCount,
  lastSeenTime,
}: ManagedUserRow): MessageInitShape<typeof ManagedUserSchema> {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    displayName: user.displayName,
    roles: user.roles,
    createTime: timestampFromDate(user.createTime),
    suspended: user.suspendTime !== null,
    ...(user.suspendTime && { suspendTime: timestampFromDate(user.suspendTime) }),
    sessionCount,
    ...(lastSeenTime && { lastSeenTime: timestampFromDate(lastSeenTime) }),
  };
}
