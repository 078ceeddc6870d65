import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { type AuditEventName, appendAudit } from "./audit.ts";
import { clientOf } from "./client.ts";

/** Notes in the audit log what a person does to their own account, in the transaction that does it. */
export async function noteOwnAct(
  tx: Transaction,
  call: HandlerContext,
  act: { event: AuditEventName; userId: string; details?: Readonly<Record<string, string>> },
): Promise<void> {
  const { event, userId, details = {} } = act;
  await appendAudit(tx, { event, actorId: userId, targetId: userId, client: clientOf(call), details });
}
