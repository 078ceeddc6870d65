import type { FeedReader } from "@lyceum/service";
import type { Frame } from "./frame.ts";

/** Frames on their way to a reader that pulls them. */
export type FrameQueue = AsyncIterable<Frame> & { readonly reader: FeedReader };

/** So many frames wait for a slow reader. All readers share them, so that it costs no more than their places. */
const maxWaiting = 1_000;
/** Of what was missed, so many are read ahead. */
const maxAhead = 16;

/** Ends with the signal. */
export function createFrameQueue(signal: AbortSignal): FrameQueue {
  let frames: Frame[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  let drain = () => {};
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
    drain();
  };
  signal.addEventListener("abort", () => fail(signal.reason), { once: true });
  if (signal.aborted) fail(signal.reason);
  return {
    reader: {
      write(frame) {
        if (failure || frames.length >= maxWaiting) return false;
        frames.push(frame as Frame);
        wake();
        return true;
      },
      async drained() {
        while (frames.length > maxAhead && !failure) await new Promise<void>((resolve) => (drain = resolve));
      },
      // What waits is dropped: the reader resumes with the cursor of the last it got.
      end(error) {
        frames = [];
        fail(error);
      },
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const frame = frames.shift();
        if (frame) {
          if (frames.length <= maxAhead) drain();
          yield frame;
        } else {
          if (failure) throw failure.error;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    },
  };
}
