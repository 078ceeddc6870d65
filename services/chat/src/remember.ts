import type { CallOptions } from "@connectrpc/connect";

/** Facts of people, asked of their owner and remembered until they change. */
export type Remembered<T> = {
  /** What is known of those who exist. Throws what their owner answers. */
  find(userIds: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, T>>;
  /** It may be another from now on. */
  forget(userId: string): void;
};

const maxKept = 20_000;
const maxAsked = 250;

/** Remembers what `ask` answers of at most 250 people at once. */
export function createRemembered<T>(
  ask: (userIds: string[], options: CallOptions) => Promise<ReadonlyMap<string, T>>,
): Remembered<T> {
  const kept = new Map<string, T>();
  // Raised with every change, so that an answer which began before one is not kept.
  let changes = 0;

  const askAnew = async (userIds: string[], options: CallOptions) => {
    const before = changes;
    const answered = await ask(userIds, options);
    if (before === changes) {
      for (const [userId, fact] of answered) kept.set(userId, fact);
      for (const userId of kept.keys()) {
        if (kept.size <= maxKept) break;
        kept.delete(userId);
      }
    }
    return answered;
  };

  return {
    async find(userIds, options) {
      const found = new Map<string, T>();
      const unknown: string[] = [];
      for (const userId of new Set(userIds)) {
        const fact = kept.get(userId);
        if (fact === undefined) unknown.push(userId);
        else found.set(userId, fact);
      }
      for (let from = 0; from < unknown.length; from += maxAsked) {
        for (const [userId, fact] of await askAnew(unknown.slice(from, from + maxAsked), options)) {
          found.set(userId, fact);
        }
      }
      return found;
    },
    forget(userId) {
      changes += 1;
      kept.delete(userId);
    },
  };
}
