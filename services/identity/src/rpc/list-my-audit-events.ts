import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { readAuditPage } from "../audit.ts";
import { toOwnAuditMessage } from "../audit-message.ts";
import type { Context } from "../context.ts";

export const listMyAuditEvents =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listMyAuditEvents> =>
  async (req, call) => {
    const filter = { targetId: personOf(call).userId };
    const { rows, nextPageToken } = await readAuditPage(ctx.database.db, req, filter);
    return { auditEvents: rows.map(toOwnAuditMessage), nextPageToken };
  };
