import type { IncomingMessage } from "node:http";
import { avatarTooLarge, malformedAvatar } from "../errors.ts";

/** All bytes of an upload of at most `limitBytes` that is complete before `signal` fires. */
export async function readPicture(req: IncomingMessage, limitBytes: number, signal: AbortSignal): Promise<Buffer> {
  if ((req.headers["content-encoding"] ?? "identity") !== "identity") {
    throw malformedAvatar("Pictures are taken as they are, without a content encoding.");
  }
  const announced = req.headers["content-length"];
  if (Number(announced ?? 0) > limitBytes) throw avatarTooLarge(limitBytes);
  const bytes = await untilAborted(readBytes(req, limitBytes), signal);
  // A reset HTTP/2 stream ends like a complete one.
  if (!req.complete || (announced !== undefined && Number(announced) !== bytes.length)) {
    throw malformedAvatar("The body broke off.");
  }
  return bytes;
}

/** Leaving early keeps the connection, so that a refusal still reaches its sender. */
async function readBytes(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw malformedAvatar("The body broke off.");
  }
  if (sizeBytes > limitBytes) throw avatarTooLarge(limitBytes);
  return Buffer.concat(chunks);
}

function untilAborted<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    reading.then(resolve, reject);
  });
}
