import type { Change } from "../change.ts";

/** Says to the other processes that rooms have changed: the first time at once, then for all changes of a short while together. */
export type Hints = Disposable & { add(changes: readonly Change[]): void };

const everyMs = 25;
/** How many rooms and people one hint names. */
const maxNamed = 50;

export function createHints(say: (roomIds: string[], userIds: string[]) => void): Hints {
  const roomIds = new Set<string>();
  const userIds = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    if (roomIds.size === 0) return;
    const [rooms, users] = [[...roomIds], [...userIds]];
    roomIds.clear();
    userIds.clear();
    for (let from = 0; from < Math.max(rooms.length, users.length); from += maxNamed) {
      say(rooms.slice(from, from + maxNamed), users.slice(from, from + maxNamed));
    }
    timer = setTimeout(flush, everyMs).unref();
  };
  return {
    add(changes) {
      for (const change of changes) {
        roomIds.add(change.roomId);
        if (change.kind === "membership" && !change.removed) userIds.add(change.userId);
      }
      if (!timer) flush();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
