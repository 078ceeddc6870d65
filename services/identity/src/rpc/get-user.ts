import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { findManagedUser } from "../admin-store.ts";
import type { Context } from "../context.ts";
import { userNotFound } from "../errors.ts";
import { toManagedUserMessage } from "../managed-user-message.ts";

export const getUser =
  (ctx: Context): MethodImpl<typeof AdminService.method.getUser> =>
  async ({ userId }) => {
    const found = await findManagedUser(ctx.database.db, userId);
    if (!found) throw userNotFound();
    return { user: toManagedUserMessage(found) };
  };
