/** A passage that matches: the `passage`th of the `segment`th given. */
export type Hit = { readonly segment: number; readonly passage: number; readonly score: number };

/** Keeps the best hits seen: a heap whose root is the worst of them. */
export class TopList {
  readonly #limit: number;
  readonly #heap: Hit[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(segment: number, passage: number, score: number): void {
    const heap = this.#heap;
    if (heap.length < this.#limit) {
      heap.push({ segment, passage, score });
      this.#rise(heap.length - 1);
      return;
    }
    const worst = heap[0];
    // Hits come in the order of files and passages, so of equal ones the earlier stays.
    if (!worst || score <= worst.score) return;
    heap[0] = { segment, passage, score };
    this.#sink();
  }

  /** The best first; empties the list. */
  take(): Hit[] {
    return this.#heap.splice(0).sort((a, b) => (isWorse(a, b) ? 1 : -1));
  }

  #rise(from: number): void {
    const heap = this.#heap;
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isWorse(heap[at] as Hit, heap[parent] as Hit)) return;
      [heap[at], heap[parent]] = [heap[parent] as Hit, heap[at] as Hit];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isWorse(heap[child] as Hit, heap[worst] as Hit)) worst = child;
      }
      if (worst === at) return;
      [heap[at], heap[worst]] = [heap[worst] as Hit, heap[at] as Hit];
      at = worst;
    }
  }
}

function isWorse(a: Hit, b: Hit): boolean {
  return a.score !== b.score
    ? a.score < b.score
    : a.segment !== b.segment
      ? a.segment > b.segment
      : a.passage > b.passage;
}
