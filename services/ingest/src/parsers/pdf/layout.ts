import type { Block, ParsedPart, Word } from "../parsed.ts";
import { PartWriter } from "../part-writer.ts";
import { isWide } from "./char-width.ts";
import type { Line } from "./line.ts";

type Draft = { kind: Block["kind"]; lines: Line[] };

/** Gathers a page's lines to paragraphs, rows and headings. `bodySize` is the size most of the document is set in. */
export function layOutPage(lines: readonly Line[], bodySize: number): ParsedPart {
  const writer = new PartWriter();
  const vocabulary = new Set(lines.flatMap((line) => line.text.toLowerCase().match(/[\p{L}\p{M}-]+/gu) ?? []));
  let previous: Draft["kind"] | undefined;
  for (const draft of gather(lines, bodySize)) {
    const { text, words } = draft.kind === "rows" ? joinRows(draft.lines) : joinParagraph(draft.lines, vocabulary);
    const rank = draft.kind === "heading" ? -Math.round((draft.lines[0]?.size ?? 0) * 2) : 0;
    writer.add(draft.kind, text, { words, rank, tight: draft.kind === "rows" && previous === "rows" });
    previous = draft.kind;
  }
  return writer.finish();
}

/** The font size, in half points, that most characters are set in; 0 without any. */
export function bodySizeOf(pages: readonly (readonly Line[])[]): number {
  const chars = new Map<number, number>();
  for (const line of pages.flat()) {
    const size = Math.round(line.size * 2) / 2;
    chars.set(size, (chars.get(size) ?? 0) + line.text.length);
  }
  let best = 0;
  for (const [size, count] of chars) if (count > (chars.get(best) ?? 0)) best = size;
  return best;
}

function gather(lines: readonly Line[], bodySize: number): Draft[] {
  const drafts: Draft[] = [];
  let leading = 1.2;
  for (const line of lines) {
    const kind = line.isRow ? "rows" : isHeading(line, bodySize) ? "heading" : "paragraph";
    const draft = drafts[drafts.length - 1];
    const last = draft?.lines[draft.lines.length - 1];
    if (draft && last && draft.kind === kind && belongs(kind, last, line, leading)) {
      if (kind === "paragraph")
        leading = Math.min(leading, Math.max(1, (line.across - last.across) / line.size) || leading);
      draft.lines.push(line);
    } else {
      drafts.push({ kind, lines: [line] });
      leading = 2;
    }
  }
  return drafts;
}

function isHeading(line: Line, bodySize: number): boolean {
  return (
    bodySize > 0 &&
    line.size > bodySize * 1.15 &&
    line.text.length <= 150 &&
    /\p{L}{2}/u.test(line.text) &&
    !/[.,;]$/.test(line.text)
  );
}

const bullet = /^(?:[•‣▪●○◦–—*·-]\s|\(?[\p{L}\d]{1,3}[.)]\s)/u;
const sentenceEnd = /[.!?:;。！？]["'”’)\]]*$/u;

/** Whether `line` goes on with what `last` began. `leading` is the paragraph's own line distance in font sizes. */
function belongs(kind: Draft["kind"], last: Line, line: Line, leading: number): boolean {
  const distance = (line.across - last.across) / Math.max(last.size, line.size);
  if (kind === "rows") return distance > -0.5 && distance < 4;
  if (Math.abs(last.size - line.size) > line.size * 0.12) return false;
  if (kind === "heading") return distance > 0 && distance < 1.7;
  const goesOn = !sentenceEnd.test(last.text) && /^[\p{Ll}\p{Lo}]/u.test(line.text);
  if (distance <= 0.3 || distance > Math.max(leading * 1.3, 1.3)) return goesOn && (distance < 0 || distance <= 2.2);
  if (bullet.test(line.text)) return false;
  const isIndented = line.start > last.start + line.size * 0.9;
  const isShort = last.end < line.end - line.size * 6;
  return goesOn || !(sentenceEnd.test(last.text) && (isIndented || isShort));
}

function joinRows(lines: readonly Line[]): { text: string; words: Word[] } {
  return join(lines, () => "\n");
}

/** Lines of a paragraph flow together: with a space, without one between East Asian characters, or across a hyphen. */
function joinParagraph(lines: readonly Line[], vocabulary: ReadonlySet<string>): { text: string; words: Word[] } {
  return join(lines, (before, after) => {
    const broken = /([\p{L}\p{M}]+)[-\u00ad\u2010]$/u.exec(before);
    const rest = /^[\p{Ll}\p{M}]+/u.exec(after);
    if (broken && rest) {
      const isCompound = vocabulary.has(`${broken[1]}-${rest[0]}`.toLowerCase());
      return isCompound ? "" : undefined;
    }
    if (isWide(before.codePointAt(before.length - 1) ?? 0) && isWide(after.codePointAt(0) ?? 0)) return "";
    return " ";
  });
}

/** Puts lines together; `between` says by what, or undefined to drop the last character of the line before. */
function join(
  lines: readonly Line[],
  between: (before: string, after: string) => string | undefined,
): { text: string; words: Word[] } {
  let text = "";
  const words: Word[] = [];
  for (const line of lines) {
    if (text) {
      const joint = between(text.slice(-100), line.text);
      if (joint === undefined) {
        text = text.slice(0, -1);
        const last = words[words.length - 1];
        if (last && last.end > text.length) words[words.length - 1] = { ...last, end: text.length };
      } else {
        text += joint;
      }
    }
    for (const word of line.words)
      words.push({ ...word, start: word.start + text.length, end: word.end + text.length });
    text += line.text;
  }
  return { text, words };
}
