import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { isActiveAdmin } from "../admin-rules.ts";
import { administer } from "../administer.ts";
import type { Context } from "../context.ts";
import { roleTooLow } from "../errors.ts";
import { setRoles } from "../set-roles.ts";

export const setUserRoles =
  (ctx: Context): MethodImpl<typeof AdminService.method.setUserRoles> =>
  async (req, call) => {
    const user = await administer(ctx, call, req, async (tx, act) => {
      if (!act.admins.some((admin) => admin.id === act.by.actorId && isActiveAdmin(admin))) throw roleTooLow();
      await setRoles(ctx, tx, act, req.roles, new Date());
    });
    return { user };
  };
