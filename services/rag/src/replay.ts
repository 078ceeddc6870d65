/** A stream that anybody may read from its first message, while it grows and after. */
export type Replay<T> = {
  add(message: T): void;
  /** Ends it, with the error that every reader is to see, if any. Only the first end counts. */
  end(error?: unknown): void;
  /** All messages from the first, then those to come. Throws the stream's error, or the signal's reason. */
  read(signal: AbortSignal): AsyncGenerator<T>;
};

export function createReplay<T>(): Replay<T> {
  const messages: T[] = [];
  let ended: { readonly error?: unknown } | undefined;
  let change = Promise.withResolvers<void>();
  const changed = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  return {
    add(message) {
      messages.push(message);
      changed();
    },
    end(error) {
      ended ??= { error };
      changed();
    },
    async *read(signal) {
      const left = Promise.withResolvers<void>();
      const leave = () => left.resolve();
      signal.addEventListener("abort", leave);
      try {
        for (let at = 0; ; ) {
          signal.throwIfAborted();
          const message = messages[at];
          if (message !== undefined) {
            at += 1;
            yield message;
          } else if (ended) {
            if (ended.error !== undefined) throw ended.error;
            return;
          } else await Promise.race([change.promise, left.promise]);
        }
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
  };
}
