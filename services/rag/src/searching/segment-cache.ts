/** Something in memory that was read from one version of a file's row. */
export type Cached<T> = { readonly version: string; readonly value: T; readonly sizeBytes: number };

/** Keeps what was used last, up to a number of bytes. A search touches all files of its scope, so an owner's stay and go together. */
export class SegmentCache<T> {
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Cached<T>>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The file's value of just this version; another one is dropped. */
  find(fileId: string, version: string): T | undefined {
    const entry = this.#entries.get(fileId);
    if (!entry) return undefined;
    this.#entries.delete(fileId);
    if (entry.version !== version) {
      this.#sizeBytes -= entry.sizeBytes;
      return undefined;
    }
    this.#entries.set(fileId, entry);
    return entry.value;
  }

  put(fileId: string, entry: Cached<T>): void {
    this.drop(fileId);
    if (entry.sizeBytes > this.#limitBytes) return;
    this.#entries.set(fileId, entry);
    this.#sizeBytes += entry.sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) return;
      this.drop(oldest);
    }
  }

  drop(fileId: string): void {
    const entry = this.#entries.get(fileId);
    if (!entry) return;
    this.#entries.delete(fileId);
    this.#sizeBytes -= entry.sizeBytes;
  }
}
