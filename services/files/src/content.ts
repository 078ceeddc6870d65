import { BlobNotFoundError, type BlobStore, type ByteRange } from "./blobs/index.ts";
import { contentLost } from "./errors.ts";

/** The bytes of a file that has a row, in pieces of at most 1 MiB. */
export async function* readFile(
  blobs: BlobStore,
  fileId: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* blobs.read(fileId, range, signal);
  } catch (error) {
    throw error instanceof BlobNotFoundError ? contentLost() : error;
  }
}
