import type { IncomingMessage } from "node:http";
import { malformedUpload } from "../errors.ts";

/** The whole body or an error. Leaving early keeps the connection, so that a refusal still reaches its sender. */
export async function* readBody(req: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const announced = announcedBytes(req);
  let sizeBytes = 0;
  // Nobody waits for an answer any more, and what was read ahead of a broken connection is lost anyway.
  signal.throwIfAborted();
  try {
    for await (const piece of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      sizeBytes += piece.length;
      yield piece;
    }
  } catch {
    // A lost connection to the sender must not be taken for one to a part of Lyceum.
    signal.throwIfAborted();
    throw malformedUpload("The body broke off.");
  }
  // A reset HTTP/2 stream ends like a complete one.
  signal.throwIfAborted();
  if (!req.complete || (announced !== undefined && announced !== sizeBytes)) {
    throw malformedUpload("The body broke off.");
  }
}

/** How long a request says that its body is. */
export function announcedBytes(req: IncomingMessage): number | undefined {
  const announced = req.headers["content-length"];
  return announced === undefined ? undefined : Number(announced);
}
