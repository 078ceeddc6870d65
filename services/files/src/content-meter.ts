import { createHash } from "node:crypto";
import { headBytes } from "./media-type.ts";

/** What a meter has seen: the size, the SHA-256 in lower-case hex, and the first bytes. */
export type Measured = { readonly sizeBytes: number; readonly sha256: string; readonly head: Uint8Array };

/** How many bytes may pass, and what is thrown at more. */
export type Limit = { readonly bytes: number; readonly exceeded: () => Error };

/** Measures bytes on their way: they pass `through` unchanged until they go beyond the limit. */
export function createContentMeter(limit: Limit) {
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let sizeBytes = 0;

  async function* through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      if (sizeBytes < headBytes) head.push(piece.subarray(0, headBytes - sizeBytes));
      sizeBytes += piece.length;
      if (sizeBytes > limit.bytes) throw limit.exceeded();
      hash.update(piece);
      yield piece;
    }
  }

  const finish = (): Measured => ({ sizeBytes, sha256: hash.digest("hex"), head: Buffer.concat(head) });
  return { through, finish };
}
