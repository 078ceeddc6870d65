import type { Logger } from "pino";

const everyMs = 3_600_000;

/** Removes of one kind what has had its time by `now`. */
export type Removal = (now: Date) => Promise<unknown>;

/**
 * Runs removals one after the other, now and every hour; disposing waits for the one that runs. One that fails is logged by the
 * name of what it removes, and runs again with the next round. Replicas may run them at once, so each must bear that.
 */
export function startSweep(removals: Readonly<Record<string, Removal>>, log: Pick<Logger, "warn">): AsyncDisposable {
  let running = Promise.resolve();
  let isOver = false;
  const sweep = async () => {
    for (const [what, remove] of Object.entries(removals)) {
      if (isOver) return;
      await remove(new Date()).catch((error: unknown) =>
        log.warn({ err: error, removing: what }, "could not remove what has had its time; trying again in an hour"),
      );
    }
  };
  const start = () => {
    running = running.then(sweep);
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      clearInterval(timer);
      await running;
    },
  };
}
