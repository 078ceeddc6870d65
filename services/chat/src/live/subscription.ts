import type { FeedReader } from "@lyceum/service";
import { tooSlow } from "../errors.ts";
import type { Frame } from "./frame.ts";

/** One reader of one person. While it catches up, what happens is kept back; then it is written straight through. */
export type Subscription = {
  /** Hands over what happens now. */
  push(frame: Frame): void;
  /** Writes what was missed and waits until there is room for more. False once it is over. */
  replay(frame: Frame): Promise<boolean>;
  /** Begins to keep back what happens, or begins anew. */
  hold(): void;
  /**
   * Writes what was kept back and not replayed, by room and change, and goes live. False if more happened than is kept: then
   * another replay is due.
   */
  release(replayed: ReadonlyMap<string, number>): boolean;
  readonly isLive: boolean;
  readonly isOver: boolean;
  close(): void;
};

const maxHeld = 500;

export function createSubscription(reader: FeedReader, onClose: () => void): Subscription {
  let held: Frame[] | undefined = [];
  let overflowed = false;
  let isOver = false;
  const close = () => {
    if (isOver) return;
    isOver = true;
    held = undefined;
    onClose();
  };
  const write = (frame: Frame) => {
    if (isOver) return false;
    if (reader.write(frame)) return true;
    close();
    reader.end(tooSlow());
    return false;
  };
  return {
    push(frame) {
      if (held === undefined) write(frame);
      else if (held.length < maxHeld) held.push(frame);
      else overflowed = true;
    },
    async replay(frame) {
      if (!write(frame)) return false;
      await reader.drained();
      return !isOver;
    },
    hold() {
      if (isOver) return;
      held = [];
      overflowed = false;
    },
    release(replayed) {
      if (overflowed && !isOver) return false;
      const kept = held ?? [];
      held = undefined;
      for (const frame of kept) {
        const { place } = frame;
        if (!place || place.change > (replayed.get(place.roomId) ?? 0)) write(frame);
      }
      return true;
    },
    get isLive() {
      return held === undefined && !isOver;
    },
    get isOver() {
      return isOver;
    },
    close,
  };
}
