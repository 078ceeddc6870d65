/** Holds bytes by key. Keys are chosen by the caller and never reused: 1 to 128 of `a-z A-Z 0-9 _ -`. */
export interface BlobStore {
  /**
   * Stores all of `bytes`, durably, before it returns; until then, and after a failure or an abort, nothing is stored
   * under `key`. What `bytes` throws is thrown on; a piece is not looked at once the next was asked for. Throws BlobExistsError for a key in use, BlobStoreFullError without room.
   */
  put(key: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /**
   * Bytes `start` to `end`, both inclusive and inside the blob, or all of them, in pieces of at most 1 MiB. Throws
   * BlobNotFoundError at the first piece if nothing is stored under `key`. A reader that stops early frees everything.
   */
  read(key: string, range: ByteRange | undefined, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Removes the blob; removing one that is not there changes nothing. */
  delete(key: string): Promise<void>;
  /**
   * Goes on with a blob that is written over several requests, by one writer at a time, perhaps in another process: from
   * `mark`, which `sync` has answered, or from nothing. What was written after that mark is forgotten. Nothing can be read
   * under `key` until it is completed. Throws BlobNotFoundError if what the mark stands for is not there.
   */
  grow(key: string, mark: string | undefined): Promise<GrowingBlob>;
  /**
   * Makes what has grown up to `mark` a blob like any other, durably; doing so again, or several at once, changes nothing.
   * Throws BlobNotFoundError if what the mark stands for is not there.
   */
  complete(key: string, mark: string): Promise<void>;
  /** Removes what grows under `key`, whatever its mark; removing what is not there, or is complete, changes nothing. */
  abandon(key: string, mark: string | undefined): Promise<void>;
  /** Fails if the engine cannot be reached. */
  ping(): Promise<unknown>;
}

/** A blob that is being written. Disposing of it keeps no more than its last mark stands for. */
export interface GrowingBlob extends AsyncDisposable {
  /** Adds all of `piece`, its caller's again afterwards, at the end; one at a time. Throws BlobStoreFullError without room. */
  write(piece: Uint8Array): Promise<void>;
  /**
   * Makes what has been written until this call durable, while writing may go on, and answers the mark to go on from: an opaque
   * text of at most 64 KiB, valid until a later one has been gone on from.
   */
  sync(): Promise<string>;
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
