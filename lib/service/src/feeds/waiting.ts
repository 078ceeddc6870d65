import type { Writable } from "node:stream";

/** How many bytes may wait for a client that does not read. */
export const maxWaitingBytes = 1024 * 1024;

/** Resolves when all that was written has gone to the client, or the client has. */
export function drained(stream: Pick<Writable, "writableNeedDrain" | "on" | "off">): Promise<void> {
  if (!stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}
