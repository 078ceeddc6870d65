/** One resource made of several, disposed all at once. */
export function disposeAll(parts: readonly (AsyncDisposable | Disposable)[]): AsyncDisposable {
  const dispose = (part: AsyncDisposable | Disposable) =>
    Symbol.asyncDispose in part ? part[Symbol.asyncDispose]() : part[Symbol.dispose]();
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(parts.map(dispose));
    },
  };
}
