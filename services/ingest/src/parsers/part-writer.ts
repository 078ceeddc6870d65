import { ParseFailure } from "./failure.ts";
import type { Block, ParsedPart, Word } from "./parsed.ts";

/**
 * Builds a part block by block. Offsets of words given to `add` count from their block's start. `add` throws ParseFailure
 * TOO_LARGE past `maxChars`.
 */
export class PartWriter {
  readonly #maxChars: number;
  readonly #texts: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #words: Word[] = [];
  #length = 0;

  constructor(maxChars = Number.POSITIVE_INFINITY) {
    this.#maxChars = maxChars;
  }

  /** Adds a block after an empty line, or after a line end where `tight`. Blank text adds nothing. */
  add(
    kind: Block["kind"],
    text: string,
    options: { rank?: number; words?: readonly Word[]; tight?: boolean } = {},
  ): void {
    if (!text.trim()) return;
    if (this.#length > 0) this.#push(options.tight ? "\n" : "\n\n");
    const start = this.#length;
    this.#push(text);
    this.#blocks.push({ kind, start, end: this.#length, rank: options.rank ?? 0 });
    for (const word of options.words ?? []) {
      this.#words.push({ ...word, start: word.start + start, end: word.end + start });
    }
  }

  /** What was added. */
  finish(): ParsedPart {
    return { text: this.#texts.join(""), blocks: this.#blocks, words: this.#words };
  }

  #push(text: string): void {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > this.#maxChars) throw new ParseFailure("TOO_LARGE");
  }
}
