import { createHash } from "node:crypto";
import { fileTooLarge } from "./errors.ts";
import { headBytes } from "./media-type.ts";

/** What a meter has seen: the size, the SHA-256 in lower-case hex, and the first bytes. */
export type Measured = { readonly sizeBytes: number; readonly sha256: string; readonly head: Uint8Array };

/** Measures bytes on their way: they pass `through` unchanged until more than `limitBytes` of them are `FILE_TOO_LARGE`. */
export function createContentMeter(limitBytes: number) {
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let sizeBytes = 0;

  async function* through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      if (sizeBytes < headBytes) head.push(piece.subarray(0, headBytes - sizeBytes));
      sizeBytes += piece.length;
      if (sizeBytes > limitBytes) throw fileTooLarge(limitBytes);
      hash.update(piece);
      yield piece;
    }
  }

  const finish = (): Measured => ({ sizeBytes, sha256: hash.digest("hex"), head: Buffer.concat(head) });
  return { through, finish };
}
