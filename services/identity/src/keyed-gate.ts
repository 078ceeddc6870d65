import { createWorkGate, type WorkGate } from "./work-gate.ts";

/** Lets work on one key wait for its turn, while work on other keys goes on. */
export type KeyedGate = {
  /** As `WorkGate.run`, with the limits counted for each key. */
  run<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
};

/** Makes a gate whose `limits` hold for each key; a key that nobody works on is forgotten. */
export function createKeyedGate(limits: Parameters<typeof createWorkGate>[0]): KeyedGate {
  const gates = new Map<string, { gate: WorkGate; users: number }>();
  return {
    async run(key, work, signal) {
      const entry = gates.get(key) ?? { gate: createWorkGate(limits), users: 0 };
      gates.set(key, entry);
      entry.users += 1;
      try {
        return await entry.gate.run(work, signal);
      } finally {
        entry.users -= 1;
        if (entry.users === 0) gates.delete(key);
      }
    },
  };
}
