import { setTimeout as sleep } from "node:timers/promises";

/** Shows a growing text in steps. */
export type Growth = {
  add(delta: string): void;
  /** Shows what is left, and resolves when all was shown. */
  end(): Promise<void>;
};

/** Sends what was added at once, then at most every `everyMs`. A step that fails is left out: the whole text comes last. */
export function growInSteps(send: (offset: number, delta: string) => Promise<unknown>, everyMs: number): Growth {
  let offset = 0;
  let waiting = "";
  let sending: Promise<void> | undefined;
  let isEnding = false;
  const step = async () => {
    while (waiting) {
      const delta = waiting;
      waiting = "";
      const at = offset;
      offset += delta.length;
      await send(at, delta).catch(() => {});
      if (!isEnding) await sleep(everyMs);
    }
    sending = undefined;
  };
  return {
    add(delta) {
      waiting += delta;
      if (waiting) sending ??= step();
    },
    async end() {
      isEnding = true;
      while (sending) await sending;
    },
  };
}
