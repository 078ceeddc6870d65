/** Smaller ones may share their memory with others. */
const minFreedBytes = 16 * 1024;

/**
 * The same pieces, each freed when the next is asked for. A socket brings each in a buffer of its own, and the collector knows
 * little of these: left to it, it would go through the whole heap every 20 MB.
 */
export async function* freePieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    const { buffer, byteLength } = piece;
    if (byteLength >= minFreedBytes && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) {
      buffer.transfer(0);
    }
  }
}
