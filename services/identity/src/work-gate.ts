/** Lets a few pieces of work run at once and a few more wait their turn. */
export type WorkGate = {
  /** Runs `work` as soon as there is room. Throws what `refuse` makes if too many wait already, and the signal's reason if it aborts first. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
};

/** Makes a gate with room for `inFlight` running and `waiting` queued pieces of work, first come, first served. */
export function createWorkGate(limits: { inFlight: number; waiting: number; refuse: () => Error }): WorkGate {
  const queue = new Set<() => void>();
  let running = 0;

  const enter = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (running < limits.inFlight) {
        running += 1;
        return resolve();
      }
      if (queue.size >= limits.waiting) return reject(limits.refuse());
      const leave = () => {
        queue.delete(start);
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      queue.add(start);
    });

  // The room of finished work goes straight to the next in line, so no newcomer can take it.
  const exit = () => {
    const [next] = queue;
    if (!next) {
      running -= 1;
      return;
    }
    queue.delete(next);
    next();
  };

  return {
    async run(work, signal) {
      await enter(signal);
      try {
        return await work();
      } finally {
        exit();
      }
    },
  };
}
