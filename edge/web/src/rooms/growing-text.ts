import type { AnswerGrown } from "@lyceum/client";

/** The words of an answer that grows in a room, as far as they were heard. */
export type GrowingText = {
  readonly answerId: string;
  /** Where `text` begins in the whole: above 0 if its beginning was missed. */
  readonly from: number;
  readonly text: string;
  /** True once all of a private answer was said. */
  readonly isDone: boolean;
};

/** The words after one more piece. A repeated piece changes nothing; after a hole only what follows it is kept. */
export function growText(known: GrowingText | undefined, piece: AnswerGrown): GrowingText {
  const { answerId, offset, delta, done } = piece;
  const isDone = done || (known?.answerId === answerId && known.isDone);
  if (known?.answerId !== answerId || offset > known.from + known.text.length || offset < known.from) {
    return { answerId, from: offset, text: delta, isDone };
  }
  const text = known.text.slice(0, offset - known.from) + delta;
  return { answerId, from: known.from, text: text.length < known.text.length ? known.text : text, isDone };
}

/** The whole text as far as it is known: what the message holds already, then what was heard; `…` for what is missing between. */
export function joinText(held: string, growing: GrowingText | undefined): string {
  if (!growing) return held;
  if (growing.from > held.length) return `${held}… ${growing.text}`;
  const joined = held.slice(0, growing.from) + growing.text;
  return joined.length < held.length ? held : joined;
}
