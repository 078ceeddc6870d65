import type { FeedFrame } from "./feed.ts";

/**
 * A frame in the form a protocol sends it, made once for all who receive it: a feed gives every reader the same frame, so for
 * all but the first this copies nothing but a reference.
 */
export function createPreframer(make: (frame: FeedFrame) => Buffer): (frame: FeedFrame) => Buffer {
  const made = new WeakMap<FeedFrame, Buffer>();
  return (frame) => {
    let bytes = made.get(frame);
    if (!bytes) {
      bytes = make(frame);
      made.set(frame, bytes);
    }
    return bytes;
  };
}
