/** The same pieces, but an abort is thrown at once, even while the source keeps its reader waiting. */
export async function* untilAborted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  let giveUp = (_reason: unknown) => {};
  const onAbort = () => giveUp(signal.reason);
  // Racing each piece against one promise of the abort would keep every piece alive until that promise settles.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      giveUp = reject;
      pieces.next().then(resolve, reject);
    });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const piece = await next();
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that hangs in next() answers return() only after it.
    pieces.return?.().catch(() => {});
  }
}
