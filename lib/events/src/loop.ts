const maxBackoffMs = 5_000;

/** The part of a logger that this package needs. */
export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

/** Work that goes on until it is disposed, which waits for the step under way. */
export interface Loop extends AsyncDisposable {
  /** Ends the pause, if the loop is in one. */
  wake(): void;
}

/**
 * Repeats `step`, which says how long to pause after it in milliseconds. After a failure it pauses longer each time, up to
 * 5 s, whoever wakes it; the first failure of a row and the end of the row are logged.
 */
export function startLoop(step: () => Promise<number>, name: object, log: Log | undefined): Loop {
  let stopping = false;
  let woken = false;
  let failures = 0;
  let endPause = () => {};

  async function run(): Promise<void> {
    while (!stopping) {
      woken = false;
      const pauseMs = await runStep();
      if (stopping || pauseMs <= 0 || (woken && failures === 0)) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async function runStep(): Promise<number> {
    try {
      const pauseMs = await step();
      if (failures > 0) log?.info({ ...name, failures }, "goes on");
      failures = 0;
      return pauseMs;
    } catch (error) {
      failures += 1;
      if (failures === 1 && !stopping) log?.warn({ ...name, err: error }, "paused, trying again");
      return Math.min(maxBackoffMs, 50 * 2 ** failures);
    }
  }

  const done = run();
  return {
    wake() {
      woken = true;
      if (failures === 0) endPause();
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      endPause();
      await done;
    },
  };
}
