import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { storable, type Transaction } from "@lyceum/database";
import type { ManagedUserSchema } from "@lyceum/gen/proto/lyceum/identity/v1/managed_user_pb.ts";
import { requireAuthority } from "./admin-rules.ts";
import { findManagedUser, lockWithAdmins } from "./admin-store.ts";
import type { AuditEntry } from "./audit.ts";
import { clientOf } from "./client.ts";
import type { Context } from "./context.ts";
import { roleTooLow, userNotFound } from "./errors.ts";
import { toManagedUserMessage } from "./managed-user-message.ts";
import { recentlyProvedPersonOf } from "./step-up.ts";
import type { UserRow } from "./store.ts";

/** An act of administration under way, its rows locked. */
export type Act = {
  readonly target: UserRow;
  /** All admins, whether or not they are suspended. */
  readonly admins: readonly UserRow[];
  /** What the audit log says of everything that is done. */
  readonly by: Pick<AuditEntry, "actorId" | "targetId" | "client" | "details">;
};

/**
 * Does `work` to an account, for a reason, if the caller has proved lately who they are and their roles, as they are now, let them;
 * answers the account as it is then.
 */
export async function administer(
  ctx: Context,
  call: HandlerContext,
  { userId: targetId, reason }: { readonly userId: string; readonly reason: string },
  work: (tx: Transaction, act: Act) => Promise<void>,
): Promise<MessageInitShape<typeof ManagedUserSchema>> {
  const { userId: actorId } = await recentlyProvedPersonOf(ctx, call);
  const why = storable(reason.trim());
  return ctx.database.transaction(async (tx) => {
    const locked = await lockWithAdmins(tx, [actorId, targetId]);
    const [actor, target] = [actorId, targetId].map((id) => locked.find((user) => user.id === id));
    if (!actor) throw roleTooLow();
    if (!target) throw userNotFound();
    requireAuthority(actor, target);
    const admins = locked.filter(({ roles }) => roles.includes("admin"));
    await work(tx, {
      target,
      admins,
      by: { actorId, targetId, client: clientOf(call), ...(why && { details: { reason: why } }) },
    });
    const managed = await findManagedUser(tx, targetId);
    if (!managed) throw userNotFound();
    return toManagedUserMessage(managed);
  });
}
