import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4096);
let offset = pool.length;

/** Random bytes out of a pool: one of 4096 costs little more than one of 8. Read them at once; the pool is filled anew. */
export function takeRandom(length: number): Buffer {
  if (offset + length > pool.length) {
    randomFillSync(pool);
    offset = 0;
  }
  offset += length;
  return pool.subarray(offset - length, offset);
}
