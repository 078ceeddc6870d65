import { BlobNotFoundError, type BlobStore, type ByteRange } from "./blobs/index.ts";
import { contentLost } from "./errors.ts";

/** The bytes of a file that has a row, in pieces of at most 1 MiB. Throws CONTENT_LOST where any of them are missing. */
export async function* readFile(
  blobs: BlobStore,
  file: { readonly id: string; readonly sizeBytes: number },
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let missingBytes = range ? range.end - range.start + 1 : file.sizeBytes;
  try {
    for await (const piece of blobs.read(file.id, range, signal)) {
      missingBytes -= piece.length;
      yield piece;
    }
  } catch (error) {
    throw error instanceof BlobNotFoundError ? contentLost() : error;
  }
  if (missingBytes > 0) throw contentLost();
}
