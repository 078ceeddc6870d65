import { setTimeout as delay } from "node:timers/promises";

const pauseMs = 20;

/** Repeats an assertion until it holds; after `timeoutMs`, 10 s by default, fails as it failed last. */
export async function eventually<T>(assertion: () => T | Promise<T>, { timeoutMs = 10_000 } = {}): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}
