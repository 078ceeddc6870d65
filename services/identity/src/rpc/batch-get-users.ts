import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { listUsers } from "../store.ts";

export const batchGetUsers =
  (ctx: Context): MethodImpl<typeof IdentityInternalService.method.batchGetUsers> =>
  async ({ userIds }) => {
    const users = await listUsers(ctx.database.db, userIds);
    return {
      users: users.map(({ id, displayName, createTime }) => ({
        id,
        displayName,
        createTime: timestampFromDate(createTime),
      })),
    };
  };
