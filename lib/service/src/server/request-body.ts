import type { IncomingMessage } from "node:http";

const maxDrainedBytes = 8 * 1024 * 1024;
const maxDrainMs = 5_000;

/**
 * The bytes of a request. Unlike `for await` over the request itself, leaving the loop keeps the connection: an answer
 * about a message that is too large still reaches its sender.
 */
export async function* readBody(req: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of req.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
}

/** Reads away what a handler left of a body, within bounds; past them, gives the connection up. */
export function drainBody(req: IncomingMessage): void {
  if (req.readableEnded || req.destroyed) return;
  let drainedBytes = 0;
  const timer = setTimeout(() => req.destroy(), maxDrainMs).unref();
  const onData = (chunk: Buffer) => {
    drainedBytes += chunk.length;
    if (drainedBytes > maxDrainedBytes) req.destroy();
  };
  const stop = () => {
    clearTimeout(timer);
    req.off("data", onData);
  };
  req.on("error", () => {});
  req.once("end", stop).once("close", stop);
  req.on("data", onData);
  req.resume();
}
