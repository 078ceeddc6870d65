/** The same pieces, but an abort is thrown at once, even while the source keeps its reader waiting. */
export async function* untilAborted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  aborted.promise.catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const piece = await Promise.race([pieces.next(), aborted.promise]);
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that hangs in next() answers return() only after it.
    pieces.return?.().catch(() => {});
  }
}
