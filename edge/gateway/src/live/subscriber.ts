import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** How many bytes may wait for a client that does not read. */
export const maxWaitingBytes = 1024 * 1024;

/** Resolves when all that was written has gone to the client, or the client has. */
export function drained(stream: NodeJS.EventEmitter & { readonly writableNeedDrain: boolean }): Promise<void> {
  if (!stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

/** What a subscriber is told when the gateway goes. */
export const restarting = (): ConnectError =>
  fail(Code.Unavailable, "RESTARTING", "Lyceum stops or restarts. Try again in a moment.");
