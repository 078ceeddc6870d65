import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { readAuditPage } from "../audit.ts";
import { toAuditMessage } from "../audit-message.ts";
import type { Context } from "../context.ts";

export const listAuditEvents =
  (ctx: Context): MethodImpl<typeof AdminService.method.listAuditEvents> =>
  async (req) => {
    const filter = {
      event: req.event || undefined,
      actorId: req.actorId || undefined,
      targetId: req.targetId || undefined,
      from: req.fromTime && timestampDate(req.fromTime),
      until: req.untilTime && timestampDate(req.untilTime),
    };
    const { rows, nextPageToken } = await readAuditPage(ctx.database.db, req, filter);
    return { auditEvents: rows.map(toAuditMessage), nextPageToken };
  };
