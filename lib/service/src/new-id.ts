import { takeRandom } from "./random.ts";

let lastMs = 0;
let counter = 0;

/** A new UUID v7 (RFC 9562): ids made by one process sort in the order they were made. */
export function newId(): string {
  const now = Date.now();
  counter = now > lastMs ? 0 : counter + 1;
  lastMs = Math.max(lastMs, now);
  // The 12 bits after the time count ids of one millisecond; a full count borrows the next millisecond.
  if (counter > 0xfff) {
    counter = 0;
    lastMs += 1;
  }
  const tail = takeRandom(8);
  const time = lastMs.toString(16).padStart(12, "0");
  const variant = ((tail.readUInt16BE(0) & 0x3fff) | 0x8000).toString(16);
  const count = counter.toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}-${tail.toString("hex", 2)}`;
}
