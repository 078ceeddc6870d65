import type { HandlerContext } from "@connectrpc/connect";
import { personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { accountNotFound } from "./errors.ts";
import { findFactors } from "./factors/factor-store.ts";
import { hasSecondFactor } from "./factors/mfa-challenge.ts";
import { guessPassword } from "./guess-password.ts";
import { recentlyProvedPersonOf } from "./step-up.ts";
import { findUser, findUserWithPassword, type UserRow } from "./store.ts";

/**
 * Makes sure that the person who calls knows their password and, where they have a second factor or no password, has proved lately
 * in this session who they are: a password that was stolen together with a session is not enough. Throws as `confirmPassword` and
 * `recentlyProvedPersonOf` do.
 */
export async function confirmOwner(ctx: Context, password: string, call: HandlerContext): Promise<UserRow> {
  const { userId } = personOf(call);
  const factors = await findFactors(ctx.database.db, userId);
  if (hasSecondFactor(factors) || !factors.password) await recentlyProvedPersonOf(ctx, call);
  if (!factors.password) {
    const user = await findUser(ctx.database.db, userId);
    if (!user) throw accountNotFound();
    return user;
  }
  return confirmPassword(ctx, password, call);
}

/** Makes sure that the person who calls knows their password. Throws `unauthenticated INVALID_CREDENTIALS` where they do not. */
export async function confirmPassword(ctx: Context, password: string, call: HandlerContext): Promise<UserRow> {
  const { userId, sessionId } = personOf(call);
  const known = await findUserWithPassword(ctx.database.db, userId);
  if (!known) throw accountNotFound();
  // A session has a limit of its own: who stole it cannot try for long, and strangers' guesses don't keep the owner out.
  const { user, passwordHash } = known;
  await guessPassword(ctx, call, password, {
    subject: user.emailKey,
    network: "",
    device: `session ${sessionId}`,
    passwordHash,
    event: "reauthentication-failed",
    targetId: userId,
  });
  return user;
}
