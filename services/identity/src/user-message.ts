import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { UserSchema } from "@lyceum/gen/proto/lyceum/identity/v1/user_pb.ts";
import type { UserRow } from "./store.ts";

/** An account as its owner sees it. */
export function toUserMessage(user: UserRow): MessageInitShape<typeof UserSchema> {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerified,
    roles: user.roles,
    createTime: timestampFromDate(user.createTime),
  };
}
