import type { HandlerContext } from "@connectrpc/connect";
import { clientAddressOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { tooManyAttempts } from "../errors.ts";
import { mailRule, networkMailRule } from "../guessing/guess-rule.ts";
import { guessingNetworkOf } from "../guessing/network.ts";

/**
 * Counts that somebody asks for a mail to an address, known or not. Answers how long the mail has to wait, so that nobody's mailbox
 * is flooded and nobody is told anything. Throws `resource_exhausted TOO_MANY_ATTEMPTS` where too many are asked for from one network.
 */
export async function countMail(
  ctx: Pick<Context, "guesses">,
  emailKey: string,
  call: HandlerContext,
): Promise<number> {
  const network = guessingNetworkOf(clientAddressOf(call));
  const waitMs = network === "" ? 0 : await ctx.guesses.count(`mails from ${network}`, networkMailRule);
  if (waitMs > 0) throw tooManyAttempts(waitMs);
  return ctx.guesses.count(`mails to ${emailKey}`, mailRule);
}

/** As `countMail`, for who has signed in: a mail that would have to wait is refused. */
export async function requireMail(
  ctx: Pick<Context, "guesses">,
  emailKey: string,
  call: HandlerContext,
): Promise<void> {
  const waitMs = await countMail(ctx, emailKey, call);
  if (waitMs > 0) throw tooManyAttempts(waitMs);
}
