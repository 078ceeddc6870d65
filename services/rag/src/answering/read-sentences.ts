import { splitSentences } from "@lyceum/text";
import { beginsMark, readMark, toPlainBracket } from "./read-mark.ts";

/** What a model's words turn out to be: text to show as it is; or the end of a sentence, with the passages it claims as support. */
export type Step = { readonly text: string } | { readonly sentence: string; readonly claims: readonly number[] };

/** Reads a model's words as they come. */
export type SentenceReader = {
  push(words: string): Step[];
  /** What was held back, and the end of the last sentence. */
  end(): Step[];
};

/**
 * Parts a model's words into text and marks. Marks are taken out, wherever they stand in a sentence, and told with its end,
 * before the white space that follows it. Text passes at once, but for white space and what may become a mark. Code stays
 * as it is.
 */
export function createSentenceReader(): SentenceReader {
  const steps: Step[] = [];
  let begun = false;
  let sentence = "";
  let claims: number[] = [];
  /** White space that is shown once something follows it. */
  let gap = "";
  /** Whether a mark stood in it. */
  let isMarked = false;
  /** What may become a mark. */
  let bracket = "";
  /** The first half of a character whose second is still to come. */
  let half = "";
  let line = "";
  let inFence = false;

  const inCode = () => inFence || (line.match(/`/g)?.length ?? 0) % 2 === 1;
  const endSentence = () => {
    if (sentence || claims.length > 0) steps.push({ sentence, claims: [...new Set(claims)] });
    sentence = "";
    claims = [];
  };
  const breakLine = () => {
    if (line.trimStart().startsWith("```")) inFence = !inFence;
    line = "";
    if (!inFence) endSentence();
  };
  const put = (character: string) => {
    if (gap.includes("\n")) breakLine();
    else if (!inCode() && endsBefore(sentence, gap, character)) endSentence();
    // What a mark leaves between two words, or before a full stop.
    if (isMarked) gap = gap.includes("\n") ? gap.slice(gap.indexOf("\n")) : gap.slice(0, 1);
    if (!begun || (isMarked && /[.,;:!?。，、！？]/.test(character))) gap = "";
    isMarked = false;
    begun = true;
    show(gap + character);
    sentence += sentence ? gap + character : character;
    line += gap + character;
    gap = "";
  };
  const show = (text: string) => {
    const last = steps.at(-1);
    if (last && "text" in last) steps[steps.length - 1] = { text: last.text + text };
    else steps.push({ text });
  };
  const read = (character: string) => {
    if (bracket) return readBracket(character);
    if (/\s/.test(character)) gap += character;
    else if (/[[【［]/.test(character) && !inCode()) bracket = character;
    else put(character);
  };
  const readBracket = (character: string) => {
    bracket += character;
    const claimed = readMark(bracket);
    if (claimed) {
      if (gap.includes("\n")) breakLine();
      claims.push(...claimed);
      isMarked = true;
      bracket = "";
    } else if (!beginsMark(bracket)) giveUpBracket();
  };
  const giveUpBracket = () => {
    const [first = "", ...rest] = toPlainBracket(bracket);
    bracket = "";
    put(first);
    for (const held of rest) read(held);
  };

  return {
    push(words) {
      const whole = half + words;
      half = /[\uD800-\uDBFF]$/.test(whole) ? whole.slice(-1) : "";
      for (const character of half ? whole.slice(0, -1) : whole) read(character);
      return steps.splice(0);
    },
    end() {
      while (bracket) giveUpBracket();
      endSentence();
      return steps.splice(0);
    },
  };
}

const terminal = /[.!?…。！？।؟]["'”’)\]»*_]*$/u;
const spacelessTerminal = /[。！？][」』”’）]*$/u;

/** Whether a sentence is over, now that `next` follows it. */
function endsBefore(sentence: string, gap: string, next: string): boolean {
  if (!terminal.test(sentence)) return false;
  if (!gap) return spacelessTerminal.test(sentence) && /[\p{L}\p{N}]/u.test(next);
  return splitSentences(`${sentence}${gap}${next}`).some(({ end }) => end === sentence.length);
}
