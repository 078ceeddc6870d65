import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** What a subscriber is told when the gateway goes. */
export const restarting = (): ConnectError =>
  fail(Code.Unavailable, "RESTARTING", "Lyceum stops or restarts. Try again in a moment.");
