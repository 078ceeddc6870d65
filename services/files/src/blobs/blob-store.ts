/** Holds bytes by key. Keys are chosen by the caller and never reused: 1 to 128 of `a-z A-Z 0-9 _ -`. */
export interface BlobStore {
  /**
   * Stores all of `bytes`, durably, before it returns; until then, and after a failure or an abort, nothing is stored
   * under `key`. What `bytes` throws is thrown on. Throws BlobExistsError for a key in use, BlobStoreFullError without room.
   */
  put(key: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /**
   * Bytes `start` to `end`, both inclusive and inside the blob, or all of them, in pieces of at most 1 MiB. Throws
   * BlobNotFoundError at the first piece if nothing is stored under `key`. A reader that stops early frees everything.
   */
  read(key: string, range: ByteRange | undefined, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Removes the blob; removing one that is not there changes nothing. */
  delete(key: string): Promise<void>;
}

/** A piece of a blob: its first and last byte, counted from 0. */
export type ByteRange = { readonly start: number; readonly end: number };

/** The largest piece that `read` gives. Pieces of 64 KiB halve the speed of a download. */
export const maxPieceBytes = 1024 * 1024;

/** Nothing is stored under the key. */
export class BlobNotFoundError extends Error {
  override readonly name = "BlobNotFoundError";
  constructor(key: string, options?: ErrorOptions) {
    super(`No blob is stored under ${key}.`, options);
  }
}

/** Something is stored, or being stored, under the key. */
export class BlobExistsError extends Error {
  override readonly name = "BlobExistsError";
  constructor(key: string, options?: ErrorOptions) {
    super(`A blob is stored under ${key} already.`, options);
  }
}

/** The store has no room for the blob. */
export class BlobStoreFullError extends Error {
  override readonly name = "BlobStoreFullError";
  constructor(options?: ErrorOptions) {
    super("The blob store is full.", options);
  }
}

/** The key itself; throws for one that could be more than a name. */
export function checkKey(key: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(key)) throw new TypeError("A blob key is 1 to 128 of a-z A-Z 0-9 _ -.");
  return key;
}
