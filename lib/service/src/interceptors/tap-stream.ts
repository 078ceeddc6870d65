/** What to do about a stream as it passes; every part is optional. */
export type Tap = {
  /** Runs each pull of the next message. */
  readonly pull?: <R>(next: () => R) => R;
  /** What a reader sees instead of an error. */
  readonly mapError?: (error: unknown) => unknown;
  /** Called once, when the stream has ended, failed with `error` or was left by its reader. */
  readonly onEnd?: (error?: unknown) => void;
  /** Ends the stream at once with its reason, even while the source is silent. */
  readonly signal?: AbortSignal;
};

/** Watches an async iterable without changing its messages. */
export function tapStream<T>(source: AsyncIterable<T>, tap: Tap): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => tapIterator(source[Symbol.asyncIterator](), tap) };
}

function tapIterator<T>(it: AsyncIterator<T>, { pull = (next) => next(), mapError, onEnd, signal }: Tap) {
  let ended = false;
  const race = signal ? raceWith(signal) : undefined;
  const end = (error?: unknown) => {
    if (ended) return;
    ended = true;
    race?.stop();
    onEnd?.(error);
  };
  const settle = async (step: () => Promise<IteratorResult<T>>): Promise<IteratorResult<T>> => {
    try {
      const result = await (race ? race.first(pull(step)) : pull(step));
      if (result.done) end();
      return result;
    } catch (cause) {
      const error = mapError ? mapError(cause) : cause;
      end(error);
      // The source may still be busy: it is told to finish, and nobody waits for it.
      if (signal?.aborted) it.return?.()?.catch(() => {});
      throw error;
    }
  };
  return {
    next: () => settle(() => it.next()),
    return: (value?: T) => settle(async () => (await it.return?.(value)) ?? { done: true, value: undefined as T }),
    throw: (reason?: unknown) =>
      settle(async () => {
        if (it.throw) return it.throw(reason);
        await it.return?.();
        throw reason;
      }),
  };
}

/** Makes promises lose against a signal with one listener for all of them. */
export function raceWith(signal: AbortSignal): { first<T>(work: Promise<T>): Promise<T>; stop(): void } {
  let onAbort: (() => void) | undefined;
  const listener = () => onAbort?.();
  signal.addEventListener("abort", listener);
  return {
    first: (work) =>
      new Promise((resolve, reject) => {
        onAbort = () => reject(signal.reason);
        work.then(resolve, reject);
        if (signal.aborted) onAbort();
      }),
    stop: () => signal.removeEventListener("abort", listener),
  };
}
