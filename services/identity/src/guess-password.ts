import type { HandlerContext } from "@connectrpc/connect";
import type { Context } from "./context.ts";
import { invalidCredentials } from "./errors.ts";
import type { Guess } from "./guessing/guess-guard.ts";
import { type Failure, noteFailure } from "./note-failure.ts";

/** A password as it is known, whose it is for the limits, and what the audit log says if it is another. */
type Known = Omit<Guess, "signal"> &
  Pick<Failure, "event" | "targetId"> & { readonly passwordHash: string | undefined };

/** Makes sure that a password is right, within the limits on guessing. Throws `unauthenticated INVALID_CREDENTIALS` where it is not. */
export async function guessPassword(
  ctx: Context,
  call: HandlerContext,
  password: string,
  { passwordHash, event, targetId, ...guess }: Known,
): Promise<void> {
  const isRight = await ctx.guesses.guess(
    { ...guess, signal: call.signal },
    async () => (await ctx.passwords.verify(passwordHash, password, call.signal)) || undefined,
  );
  if (isRight) return;
  await noteFailure(ctx, call, { event, targetId, details: { method: "password" } });
  throw invalidCredentials();
}
