/** A piece of an answer's text as it is stored: words of its own, or the quote of citation `cite`, which is fetched when shown. */
export type AnswerPart = { readonly say: string } | { readonly cite: number };

/** What a quote that its reader may no longer see leaves in the text. */
const goneText = "…";

/** Puts an answer's text together; `quotes` by citation number. Each quote is followed by its mark. */
export function toText(parts: readonly AnswerPart[], quotes: ReadonlyMap<number, string>): string {
  return parts.map((part) => ("say" in part ? part.say : toSentence(quotes.get(part.cite) ?? goneText))).join("");
}

/** A quote as a sentence of running text: line breaks of the source become spaces. */
export function toSentence(quote: string): string {
  return quote.replace(/\s+/g, " ").trim();
}

/** The mark that points to a citation. */
export const toMark = (number: number): string => ` [${number}]`;

/** The text of an answer for which there is nothing in the files. */
export const notInFilesText = "I could not find an answer to this in your files.";

/** A conversation's title: its first question, shortened at a word. */
export function toTitle(question: string): string {
  const line = toSentence(question);
  if (line.length <= 80) return line;
  const cut = line.slice(0, 80).toWellFormed();
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > 40 ? space : 80)}…`;
}
