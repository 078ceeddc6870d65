/** A stretch of text: UTF-16 units from `start` up to, not including, `end`. */
export type Sentence = { readonly start: number; readonly end: number };

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
const maxLength = 800;
const thaiLength = 160;

/**
 * Cuts text into sentences, in order, without the white space between them. A line break inside a wrapped paragraph does
 * not end a sentence; a blank line, a list item or a heading line does. Thai, which has no sentence marks, is cut at lines and spaces.
 */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of splitBlocks(text)) {
    // Offsets stay valid because each soft line break is replaced by one space.
    const line = text.slice(block.start, block.end).replace(/[\n\r\t\f\v]/g, " ");
    for (const piece of mendAbbreviations(line, segmentLine(line))) {
      for (const short of cutLong(line, piece)) {
        const trimmed = trim(line, short);
        if (trimmed) sentences.push({ start: block.start + trimmed.start, end: block.start + trimmed.end });
      }
    }
  }
  return sentences;
}

/** Joins wrapped lines and parts what stands apart: paragraphs, list items, headings, table rows. */
function splitBlocks(text: string): Sentence[] {
  const blocks: Sentence[] = [];
  let start = 0;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    const next = text.indexOf("\n", at + 1);
    const following = text.slice(at + 1, next < 0 ? text.length : next);
    if (!isWrapped(text.slice(lineStart, at).trim(), following.trim())) {
      blocks.push({ start, end: at });
      start = at + 1;
    }
    lineStart = at + 1;
  }
  blocks.push({ start, end: text.length });
  return blocks;
}

const bullet = /^(?:[-*•–—‣▪◦·#>|]|\(?\p{L}?\d{0,3}[.)]\s|Item\s+\d)/u;
const terminal = /[.!?:;。！？：；।؟…]["'”’)\]]*$/u;
const spaceless = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;

function isWrapped(line: string, following: string): boolean {
  if (!line || !following || bullet.test(following)) return false;
  if (/^\p{Ll}/u.test(following)) return true;
  if (terminal.test(line)) return true;
  return line.length >= (spaceless.test(line) ? 18 : 40);
}

function segmentLine(line: string): Sentence[] {
  const pieces: Sentence[] = [];
  for (const { index, segment } of segmenter.segment(line)) pieces.push({ start: index, end: index + segment.length });
  return pieces;
}

/** Words whose full stop does not end a sentence, whatever follows. */
const titles = new Set(
  (
    "mr mrs ms mx dr prof rev hon st sr jr gen col capt lt sgt maj cmdr adm gov sen rep pres messrs mme mlle vs cf al eg ie " +
    "e.g i.e viz approx dept est ext fig figs eq eqs eqn sec sect art arts ch chap vol vols no nos nr pp p pg ed eds " +
    "ca resp bzw z.b d.h u.a s.o hr fr bd abs ziff op inc.v ave blvd mt ft"
  ).split(" "),
);
/** Words whose full stop ends a sentence only if a common opening word follows. */
const endings = new Set(
  (
    "inc corp co ltd llc plc bros etc u.s u.k u.n e.u d.c a.m p.m ph.d m.d b.a m.a " +
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun"
  ).split(" "),
);
const openings =
  /^["'“‘(]?(?:The|A|An|In|On|At|It|Its|He|She|His|Her|We|Our|They|Their|This|That|These|Those|If|When|While|For|As|But|And|However|There|To|By|From|With|After|Before|Since|You|Your|I)\b/;
const germanMonth =
  /^(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhundert)/;

function mendAbbreviations(line: string, pieces: Sentence[]): Sentence[] {
  const mended: Sentence[] = [];
  for (const piece of pieces) {
    const last = mended.at(-1);
    if (last && continues(line.slice(last.start, last.end).trimEnd(), line.slice(piece.start, piece.end))) {
      mended[mended.length - 1] = { start: last.start, end: piece.end };
    } else mended.push(piece);
  }
  return mended;
}

function continues(before: string, after: string): boolean {
  if (!before.endsWith(".")) return false;
  const word = /(?:^|[\s("'“‘[])([^\s("'“‘[]*)\.$/u.exec(before)?.[1]?.toLowerCase() ?? "";
  if (titles.has(word)) return true;
  if (endings.has(word)) return !openings.test(after);
  // An initial, as in `J. Smith`; `I.` and a bare `A.` at the start number a list.
  if (/^\p{L}$/u.test(word)) return true;
  // A number that opens the line counts it; before a month it is an ordinal.
  if (/^\d{1,3}$/.test(word)) return before.length <= 4 || germanMonth.test(after);
  return /^\p{Ll}/u.test(after);
}

const thai = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Cuts what is too long to quote, at the last space within reach. */
function* cutLong(line: string, piece: Sentence): Generator<Sentence> {
  const limit = thai.test(line.slice(piece.start, piece.end)) ? thaiLength : maxLength;
  let { start } = piece;
  while (piece.end - start > limit) {
    const space = line.lastIndexOf(" ", start + limit);
    // Never between the two halves of a surrogate pair.
    const hard = start + limit - (/[\uD800-\uDBFF]/.test(line.charAt(start + limit - 1)) ? 1 : 0);
    const cut = space > start + limit / 4 ? space : hard;
    yield { start, end: cut };
    start = cut;
  }
  yield { start, end: piece.end };
}

function trim(line: string, { start, end }: Sentence): Sentence | undefined {
  const piece = line.slice(start, end);
  const from = start + piece.length - piece.trimStart().length;
  const to = start + piece.trimEnd().length;
  return to > from ? { start: from, end: to } : undefined;
}
