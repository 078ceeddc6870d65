import type { MethodImpl } from "@connectrpc/connect";
import { userSuspended } from "@lyceum/gen/events/lyceum/identity/v1/user_suspended.ts";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { requireAnotherAdmin } from "../admin-rules.ts";
import { updateStanding } from "../admin-store.ts";
import { administer } from "../administer.ts";
import { appendAudit } from "../audit.ts";
import type { Context } from "../context.ts";
import { endApiKeys } from "../end-api-keys.ts";
import { endSessionsOf } from "../session.ts";

export const suspendUser =
  (ctx: Context): MethodImpl<typeof AdminService.method.suspendUser> =>
  async (req, call) => {
    const { userId } = req;
    const now = new Date();
    const user = await administer(ctx, call, req, async (tx, { target, admins, by }) => {
      if (target.suspendTime) return;
      requireAnotherAdmin(target, admins);
      const version = await updateStanding(tx, userId, { suspendTime: now });
      await ctx.events.append(tx, userSuspended({ userId, version }));
      await endSessionsOf(ctx, tx, userId, now);
      await endApiKeys(ctx, tx, { userId }, now);
      await appendAudit(tx, { event: "user-suspended", ...by }, now);
    });
    return { user };
  };
