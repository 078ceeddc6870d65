import { uploadStalled } from "./errors.ts";

/** The same pieces; throws `UPLOAD_STALLED` where the next one lets its reader wait for longer than `idleMs`. */
export async function* untilStalled<T>(source: AsyncIterable<T>, idleMs: number): AsyncGenerator<T> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await nextWithin(pieces, idleMs);
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    // Not awaited: a source that hangs in next() answers return() only after it.
    pieces.return?.().catch(() => {});
  }
}

/** The time that a slow reader takes between two pieces does not count. */
function nextWithin<T>(pieces: AsyncIterator<T>, idleMs: number): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(uploadStalled(idleMs)), idleMs);
    pieces
      .next()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
