import type { Transaction } from "@lyceum/database";
import { requireAnotherAdmin } from "./admin-rules.ts";
import { updateStanding } from "./admin-store.ts";
import type { Act } from "./administer.ts";
import { appendAudit } from "./audit.ts";
import type { Context } from "./context.ts";
import { endSessionsOf } from "./session.ts";

/** Replaces the roles of a locked account and ends its sessions, whose tokens carry the old ones. Nothing for the same roles. */
export async function setRoles(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  { target, admins, by }: Act,
  wanted: readonly string[],
  now: Date,
): Promise<void> {
  const roles = [...wanted].sort();
  const before = [...target.roles].sort();
  if (roles.join() === before.join()) return;
  if (!roles.includes("admin")) requireAnotherAdmin(target, admins);
  await updateStanding(tx, target.id, { roles });
  await endSessionsOf(ctx, tx, target.id, now);
  await appendAudit(
    tx,
    { event: "roles-changed", ...by, details: { ...by.details, before: before.join(), after: roles.join() } },
    now,
  );
}
