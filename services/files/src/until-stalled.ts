import { within } from "@lyceum/service";
import { uploadStalled } from "./errors.ts";

/**
 * The same pieces; throws `UPLOAD_STALLED` where the next one lets its reader wait for longer than `idleMs`. The time that a slow
 * reader takes between two pieces does not count.
 */
export async function* untilStalled<T>(source: AsyncIterable<T>, idleMs: number): AsyncGenerator<T> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await within(idleMs, pieces.next(), () => uploadStalled(idleMs));
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    // Not awaited: a source that hangs in next() answers return() only after it.
    pieces.return?.().catch(() => {});
  }
}
