import type { HandlerContext } from "@connectrpc/connect";
import { callerOf, clientAddressOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { deviceTokenOf, knownDeviceOf } from "./devices.ts";
import { ownerProofRequired } from "./errors.ts";
import { guessPassword } from "./guess-password.ts";
import { guessingNetworkOf } from "./guessing/network.ts";
import { findLiveSession, type UserRow } from "./store.ts";

/** What a request brings beside its link. */
type Given = { readonly password: string; readonly deviceToken: string };

/**
 * Makes sure that who follows a link is the person of the account: by a session of it, on a device of it, or by its password. Whoever
 * opened it with another's address cannot make that person confirm it for them. Throws `failed_precondition OWNER_PROOF_REQUIRED`,
 * or `unauthenticated INVALID_CREDENTIALS` for a wrong password.
 */
export async function requireOwner(
  ctx: Context,
  call: HandlerContext,
  { user, passwordHash }: { user: UserRow; passwordHash: string | undefined },
  given: Given,
): Promise<void> {
  const caller = callerOf(call);
  const isSelf = caller.kind === "person" && caller.userId === user.id;
  if (isSelf && (await findLiveSession(ctx.database.db, caller, new Date()))) return;
  if ((await knownDeviceOf(ctx, user.emailKey, deviceTokenOf(ctx, given, call))) !== undefined) return;
  await requirePassword(ctx, call, { subject: user.emailKey, targetId: user.id, passwordHash }, given);
}

/** Makes sure that who follows a link knows the password that goes with it. Throws as `requireOwner` does. */
export async function requirePassword(
  ctx: Context,
  call: HandlerContext,
  known: { readonly subject: string; readonly targetId?: string; readonly passwordHash: string | undefined },
  { password }: Pick<Given, "password">,
): Promise<void> {
  if (password === "") throw ownerProofRequired();
  const network = guessingNetworkOf(clientAddressOf(call));
  await guessPassword(ctx, call, password, { ...known, network, device: undefined });
}
