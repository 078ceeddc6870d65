import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { clientOf } from "./client.ts";
import type { Context } from "./context.ts";
import { orderMail } from "./jobs/send-mail.ts";
import { type SecurityChange, securityChanges } from "./mail/security-changes.ts";
import { noteOwnAct } from "./own-act.ts";

/** Notes in the audit log what a person has added to their account or taken from it, and tells them by mail: it may not have been them. */
export async function noteSecurityChange(
  ctx: Context,
  tx: Transaction,
  call: HandlerContext,
  change: SecurityChange,
  { userId, details }: { userId: string; details?: Readonly<Record<string, string>> },
): Promise<void> {
  const [event] = securityChanges[change];
  await noteOwnAct(tx, call, { event, userId, ...(details && { details }) });
  const { network } = clientOf(call);
  const order = { letter: "security-changed", userId, change, network, time: new Date().toISOString() } as const;
  await orderMail(ctx.jobs, tx, order, { about: `${userId} ${change}` });
}
