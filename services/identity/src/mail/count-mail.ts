import type { HandlerContext } from "@connectrpc/connect";
import { clientAddressOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { mailRule, networkRule } from "../guessing/guess-rule.ts";
import { guessingNetworkOf } from "../guessing/network.ts";

/** Counts that somebody asks for a mail to an address, known or not. Throws `resource_exhausted TOO_MANY_ATTEMPTS` for one too many. */
export async function countMail(ctx: Pick<Context, "guesses">, emailKey: string, call: HandlerContext): Promise<void> {
  const network = guessingNetworkOf(clientAddressOf(call));
  if (network !== "") await ctx.guesses.count(`mails from ${network}`, networkRule);
  await ctx.guesses.count(`mails to ${emailKey}`, mailRule);
}
