import type { News, Outlook } from "../feed-store.ts";
import { type FeedIdentity, writeCursor } from "./cursor.ts";
import type { Hub } from "./hub.ts";

/** What the horizon reads. */
export type HorizonOptions = {
  readonly feed: FeedIdentity;
  readonly readOutlook: () => Promise<Outlook>;
  readonly readNews: (since: number) => Promise<News>;
  readonly hub: () => Hub;
  readonly onError: (error: unknown) => void;
};

/**
 * Knows up to where everything was told here. Transactions commit in another order than they begin, so no number taken inside
 * one can say so; a snapshot's xmin can: what is below it is over, and was told or is read now.
 */
export type Horizon = Disposable & {
  /** The cursor of whoever has been told all that the hub told. */
  readonly cursor: string;
  /** Begins anew, while nobody listens. */
  restart(): Promise<void>;
  /** Looks soon for what other processes have done, and moves on. */
  advance(afterMs: number): void;
};

/** The safety net for hints that were lost. */
const pollMs = 3_000;

export function createHorizon({ feed, readOutlook, readNews, hub, onError }: HorizonOptions): Horizon {
  let horizon = 0;
  let cursor = writeCursor(feed, horizon);
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let running = false;
  let restarting: Promise<void> | undefined;

  const moveTo = (next: number) => {
    if (next <= horizon) return;
    horizon = next;
    cursor = writeCursor(feed, horizon);
  };
  const look = async () => {
    const { horizon: next, rooms, joins } = await readNews(horizon);
    for (const { userId, roomId, change } of joins) hub().attach(userId, roomId, change);
    await Promise.all(rooms.map(({ roomId, lastChange }) => hub().catchUp(roomId, lastChange)));
    moveTo(next);
  };
  const run = () => {
    dueMs = Number.POSITIVE_INFINITY;
    if (hub().isEmpty) return;
    running = true;
    look()
      .catch(onError)
      .finally(() => {
        running = false;
        schedule(Math.min(dueMs, performance.now() + pollMs));
      });
  };
  const schedule = (atMs: number) => {
    dueMs = atMs;
    clearTimeout(timer);
    if (Number.isFinite(atMs)) timer = setTimeout(run, Math.max(0, atMs - performance.now())).unref();
  };

  return {
    get cursor() {
      return cursor;
    },
    restart() {
      restarting ??= readOutlook()
        .then(({ horizon: now }) => {
          if (hub().isEmpty) moveTo(now);
          if (!running) schedule(performance.now() + pollMs);
        })
        .finally(() => {
          restarting = undefined;
        });
      return restarting;
    },
    advance(afterMs) {
      const atMs = performance.now() + afterMs;
      if (atMs >= dueMs) return;
      dueMs = atMs;
      if (!running) schedule(atMs);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      dueMs = Number.NEGATIVE_INFINITY;
    },
  };
}
