import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { administer } from "../administer.ts";
import { appendAudit } from "../audit.ts";
import type { Context } from "../context.ts";
import { endSessionsOf } from "../session.ts";

export const revokeUserSessions =
  (ctx: Context): MethodImpl<typeof AdminService.method.revokeUserSessions> =>
  async (req, call) => {
    const now = new Date();
    await administer(ctx, call, req, async (tx, { by }) => {
      await endSessionsOf(ctx, tx, req.userId, now);
      await appendAudit(tx, { event: "session-revoked", ...by, details: { ...by.details, sessions: "all" } }, now);
    });
    return {};
  };
