/**
 * A piece of an answer's text as it is stored: words of its own; the quote of citation `cite`, which is fetched when shown; a
 * model's sentence that rests on the citations `cites`; the mark that points to a citation.
 */
export type AnswerPart =
  | { readonly say: string; readonly cites?: readonly number[] }
  | { readonly cite: number }
  | { readonly mark: number };

/** What may be shown of an answer's citations, by number. */
export type Shown = {
  readonly quotes: ReadonlyMap<number, string>;
  /** Whether the file a citation stands in may be read. */
  isReadable(number: number): boolean;
};

/** What words that their reader may no longer see leave in the text. */
const goneText = "…";

/** The text of one part. */
export function textOf(part: AnswerPart, { quotes, isReadable }: Shown): string {
  if ("mark" in part) return toMark(part.mark);
  if ("cite" in part) return toSentence(quotes.get(part.cite) ?? goneText);
  if (!part.cites?.length || part.cites.some(isReadable)) return part.say;
  return `${/^\s*/.exec(part.say)?.[0]}${goneText}`;
}

/** Puts an answer's text together. */
export function toText(parts: readonly AnswerPart[], shown: Shown): string {
  return parts.map((part) => textOf(part, shown)).join("");
}

/** The sentence that a citation supports: the model's, or the quote itself. */
export function sentenceOf(number: number, parts: readonly AnswerPart[], quote: string): string {
  const said = parts.find((part) => "say" in part && part.cites?.includes(number));
  return said && "say" in said ? said.say.trim() : toSentence(quote);
}

/** The parts without what was said from citations that are gone. */
export function withoutCitations(parts: readonly AnswerPart[], gone: ReadonlySet<number>): AnswerPart[] {
  return parts.map((part) =>
    "say" in part && part.cites?.length && part.cites.every((number) => gone.has(number)) ? { say: goneText } : part,
  );
}

/**
 * A quote as a sentence of running text: line breaks of the source become spaces, and a number in brackets of its own is put
 * in parentheses, since it would point to a citation.
 */
export function toSentence(quote: string): string {
  return quote
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\[(\d+)\]/g, "($1)");
}

/** The mark that points to a citation. */
export const toMark = (number: number): string => ` [${number}]`;

/** The text of an answer for which there is nothing in the files. */
export const notInFilesText = "I could not find an answer to this in your files.";

/** A conversation's title: its first question, shortened at a word. */
export function toTitle(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  if (line.length <= 80) return line;
  const cut = line.slice(0, 80).toWellFormed();
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > 40 ? space : 80)}…`;
}
