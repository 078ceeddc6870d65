/** A term's 52-bit hash, held exactly in a double. Uniform, so that a sorted list of hashes can be searched by interpolation. */
export function hashTerm(term: string): number {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let at = 0; at < term.length; at++) {
    const unit = term.charCodeAt(at);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return (high & 0xfffff) * 2 ** 32 + (low >>> 0);
}

/** Where `hash` stands in a sorted list of uniform hashes, or -1: by interpolation, then by halves where that stalls. */
export function findHash(hashes: Float64Array, hash: number): number {
  let low = 0;
  let high = hashes.length - 1;
  for (let tries = 0; low <= high; tries++) {
    const first = hashes[low] as number;
    const last = hashes[high] as number;
    if (hash < first || hash > last) return -1;
    const guess =
      last === first || tries > 8
        ? (low + high) >> 1
        : low + Math.floor(((hash - first) / (last - first)) * (high - low));
    const found = hashes[guess] as number;
    if (found === hash) return guess;
    if (found < hash) low = guess + 1;
    else high = guess - 1;
  }
  return -1;
}
