import { raceWith } from "../interceptors/tap-stream.ts";

/** A stream that is produced ahead of its reader. */
export type RunAhead<T> = {
  /** Resolves with the first message, the end or the failure: response headers are complete then. */
  readonly started: Promise<void>;
  readonly messages: AsyncIterable<T>;
};

type Options<T> = {
  readonly start: () => AsyncIterable<T>;
  /** Runs each step of the source. */
  readonly run: <R>(step: () => R) => R;
  readonly copy: (message: T) => T;
  readonly mapError: (error: unknown) => unknown;
  readonly onEnd: (error?: unknown) => void;
  /** How many messages may wait for the reader. */
  readonly size: number;
  readonly signal: AbortSignal;
};

/**
 * Pulls a source into a queue, as a socket's buffers would: a short stream ends, and runs its `finally`, even if its reader
 * has stopped. The signal fails the reader at once and tells the source to return.
 */
export function createRunAhead<T>({ start, run, copy, mapError, onEnd, size, signal }: Options<T>): RunAhead<T> {
  const queue: T[] = [];
  let end: { error?: unknown } | undefined;
  let onReadable = () => {};
  let onRoom = () => {};
  const { promise: started, resolve: begin } = Promise.withResolvers<void>();

  const finish = (outcome: { error?: unknown }) => {
    if (end) return;
    end = outcome;
    onEnd(outcome.error);
    begin();
    onReadable();
    onRoom();
  };
  const pump = async () => {
    const race = raceWith(signal);
    let it: AsyncIterator<T> | undefined;
    try {
      const source = start()[Symbol.asyncIterator]();
      it = source;
      while (true) {
        const result = await race.first(run(() => source.next()));
        if (result.done) break;
        queue.push(copy(result.value));
        begin();
        onReadable();
        if (queue.length >= size) await race.first(new Promise<void>((resolve) => (onRoom = resolve)));
      }
      finish({});
    } catch (error) {
      if (signal.aborted) queue.length = 0;
      finish({ error: mapError(error) });
      run(() => it?.return?.()?.catch(() => {}));
    } finally {
      race.stop();
    }
  };
  run(pump);

  const next = async (): Promise<IteratorResult<T>> => {
    while (true) {
      const message = queue.shift();
      if (message !== undefined) {
        onRoom();
        return { done: false, value: message };
      }
      if (end) {
        if ("error" in end) throw end.error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => (onReadable = resolve));
    }
  };
  return { started, messages: { [Symbol.asyncIterator]: () => ({ next }) } };
}
