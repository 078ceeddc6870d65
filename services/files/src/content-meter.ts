import { createHash, type Hash } from "node:crypto";
import { headBytes } from "./media-type.ts";

/** What a meter has seen: the size, the SHA-256 in lower-case hex, and the first bytes. */
export type Measured = { readonly sizeBytes: number; readonly sha256: string; readonly head: Uint8Array };

/** How many bytes may pass, and what is thrown at more. */
export type Limit = { readonly bytes: number; readonly exceeded: () => Error };

/** Measures bytes on their way: they pass unchanged until they go beyond the limit. */
export async function* meterBytes(
  bytes: AsyncIterable<Uint8Array>,
  meter: ContentMeter,
  limit: Limit,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    meter.add(piece);
    if (meter.sizeBytes() > limit.bytes) throw limit.exceeded();
    yield piece;
  }
}

/** Measures content piece by piece. */
export type ContentMeter = {
  add(piece: Uint8Array): void;
  /** How much it has seen. */
  sizeBytes(): number;
  /** Another meter that has seen the same. */
  copy(): ContentMeter;
  finish(): Measured;
};

/** A meter that has seen nothing yet. */
export const createContentMeter = (): ContentMeter => createMeter(createHash("sha256"), [], 0);

function createMeter(hash: Hash, head: Uint8Array[], seenBytes: number): ContentMeter {
  let sizeBytes = seenBytes;
  return {
    add(piece) {
      // A copy, since the piece may be a view of a much larger buffer.
      if (sizeBytes < headBytes) head.push(Uint8Array.from(piece.subarray(0, headBytes - sizeBytes)));
      sizeBytes += piece.length;
      hash.update(piece);
    },
    sizeBytes: () => sizeBytes,
    copy: () => createMeter(hash.copy(), [...head], sizeBytes),
    finish: () => ({ sizeBytes, sha256: hash.copy().digest("hex"), head: Buffer.concat(head) }),
  };
}
