import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { AuditEventSchema } from "@lyceum/gen/proto/lyceum/identity/v1/audit_event_pb.ts";
import type { AuditRow } from "./audit.ts";

/** An entry as admins see it. */
export function toAuditMessage(row: AuditRow): MessageInitShape<typeof AuditEventSchema> {
  return {
    id: row.id,
    event: row.event,
    actorId: row.actorId ?? "",
    targetId: row.targetId ?? "",
    eventTime: timestampFromDate(row.time),
    traceId: row.traceId,
    userAgent: row.userAgent,
    network: row.network,
    details: row.details,
  };
}

/** An entry as the person sees it whom it concerns: who else did it, from where and why, is not theirs to know. */
export function toOwnAuditMessage(row: AuditRow): MessageInitShape<typeof AuditEventSchema> {
  const byAnother = row.actorId !== null && row.actorId !== row.targetId;
  if (!byAnother) return toAuditMessage(row);
  const { reason: _, ...details } = row.details;
  return { ...toAuditMessage(row), actorId: "", userAgent: "", network: "", details };
}
