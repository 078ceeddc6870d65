import type { IncomingMessage } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";

const maxDrainedBytes = 8 * 1024 * 1024;
const maxDrainMs = 5_000;

/**
 * The bytes of a request. Unlike `for await` over the request itself, leaving the loop keeps the connection: an answer
 * about a message that is too large still reaches its sender.
 */
export async function* readBody(req: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of req.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
}

/** All bytes of a request. Throws `resource_exhausted` past `maxBytes`; what is left of the body is the caller's to drain. */
export function readWholeBody(req: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    req.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) chunks.push(chunk);
      else
        reject(
          new ConnectError(`message size is larger than configured readMaxBytes ${maxBytes}`, Code.ResourceExhausted),
        );
    });
    req.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on("error", (error) => reject(new ConnectError(error.message, Code.Aborted, undefined, undefined, error)));
  });
}

/** Reads away what a handler left of a body, within bounds; past them, gives the connection up. */
export function drainBody(req: IncomingMessage): void {
  if (req.readableEnded || req.destroyed) return;
  let drainedBytes = 0;
  const giveUp = () => {
    // Its connection may be at the next request already.
    if (!req.complete) req.destroy();
  };
  const timer = setTimeout(giveUp, maxDrainMs).unref();
  const onData = (chunk: Buffer) => {
    drainedBytes += chunk.length;
    if (drainedBytes > maxDrainedBytes) giveUp();
  };
  const stop = () => {
    clearTimeout(timer);
    req.off("data", onData);
  };
  // Those of an iterator that was left in the middle of waiting, which nobody asks for more: they keep the body from flowing.
  req.removeAllListeners("readable");
  req.on("error", () => {});
  req.once("end", stop).once("close", stop);
  req.on("data", onData);
  req.resume();
}
