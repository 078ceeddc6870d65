import type { HandlerContext } from "@connectrpc/connect";
import { clientAddressOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { guessingNetworkOf } from "../guessing/network.ts";

/**
 * Runs `check` of what somebody proves a person to be with, undefined for a wrong one. Whoever has a password, or a stolen session,
 * cannot try codes for long. Throws `resource_exhausted TOO_MANY_ATTEMPTS` where too many were wrong.
 */
export function guessFactor<T>(
  ctx: Context,
  call: HandlerContext,
  userId: string,
  check: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const network = guessingNetworkOf(clientAddressOf(call));
  return ctx.guesses.guess({ subject: `factor ${userId}`, network, device: undefined, signal: call.signal }, check);
}
