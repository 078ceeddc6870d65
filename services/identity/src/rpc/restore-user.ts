import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { updateStanding } from "../admin-store.ts";
import { administer } from "../administer.ts";
import { appendAudit } from "../audit.ts";
import type { Context } from "../context.ts";

export const restoreUser =
  (ctx: Context): MethodImpl<typeof AdminService.method.restoreUser> =>
  async (req, call) => {
    const user = await administer(ctx, call, req, async (tx, { target, by }) => {
      if (!target.suspendTime) return;
      await updateStanding(tx, req.userId, { suspendTime: null });
      await appendAudit(tx, { event: "user-restored", ...by });
    });
    return { user };
  };
