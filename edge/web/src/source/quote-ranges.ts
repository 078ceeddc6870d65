/** A stretch of one text item: from character `start` up to `end`, in UTF-16 units. */
export type ItemRange = { readonly item: number; readonly start: number; readonly end: number };

/** What can't be found whole is found in pieces of at least this many letters. */
const minPiece = 8;

/**
 * Finds where `quote` stands in the items of a PDF's text layer. Spaces don't count, hyphens only where they help, and
 * letters compare in their compatibility form, because layout decides about these. Among several places the one with most
 * letters in `hinted` items wins. If the items hold the quote only in pieces (a page's footer stands between), the pieces
 * within hinted items are given; if not even those, the hinted items as they are.
 */
export function findQuote(items: readonly string[], quote: string, hinted: ReadonlySet<number>): ItemRange[] {
  const whole = findWhole(items, quote, hinted, layoutOnly) ?? findWhole(items, quote, hinted, layoutAndHyphens);
  if (whole) return whole;
  const near = toLetters(items, layoutAndHyphens, hinted);
  const wanted = toLetters([quote], layoutAndHyphens).text;
  const pieces = findPieces(near.text, wanted).flatMap(([from, to]) => near.places.slice(from, to));
  if (pieces.length > 0) return toRanges(pieces);
  return [...hinted].sort((a, b) => a - b).map((item) => ({ item, start: 0, end: items[item]?.length ?? 0 }));
}

/** Spaces and invisible format characters, such as soft hyphens. */
const layoutOnly = /[\s\p{Cf}]/gu;
const layoutAndHyphens = /[\s\p{Cf}\p{Pd}]/gu;

function findWhole(items: readonly string[], quote: string, hinted: ReadonlySet<number>, ignored: RegExp) {
  const wanted = toLetters([quote], ignored).text;
  const page = toLetters(items, ignored);
  const start = wanted === "" ? undefined : bestPlace(page, wanted, hinted);
  return start === undefined ? undefined : toRanges(page.places.slice(start, start + wanted.length));
}

/** A letter's place: its item, and the characters there that it came from. */
type Place = ItemRange;
type Letters = { text: string; places: Place[] };

/** The letters of the items one after the other, each with its place. */
function toLetters(items: readonly string[], ignored: RegExp, only?: ReadonlySet<number>): Letters {
  const places: Place[] = [];
  let text = "";
  for (const [item, content] of items.entries()) {
    if (only && !only.has(item)) continue;
    let start = 0;
    for (const character of content) {
      const end = start + character.length;
      const letters = character.normalize("NFKC").replace(ignored, "");
      text += letters;
      for (let unit = 0; unit < letters.length; unit += 1) places.push({ item, start, end });
      start = end;
    }
  }
  return { text, places };
}

function bestPlace({ text, places }: Letters, wanted: string, hinted: ReadonlySet<number>): number | undefined {
  let best: number | undefined;
  let bestHits = -1;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const hits = places.slice(at, at + wanted.length).filter(({ item }) => hinted.has(item)).length;
    if (hits > bestHits) [best, bestHits] = [at, hits];
  }
  return best;
}

/** The longest pieces of `wanted` that `text` holds, taken from its beginning on, as `[from, to]` in `text`. */
function findPieces(text: string, wanted: string): [number, number][] {
  const pieces: [number, number][] = [];
  for (let from = 0; from + minPiece <= wanted.length; ) {
    let length = minPiece;
    let at = text.indexOf(wanted.slice(from, from + length));
    if (at === -1) {
      from += 1;
      continue;
    }
    for (let longer = at; longer !== -1 && from + length <= wanted.length; length += 1) {
      at = longer;
      longer = text.indexOf(wanted.slice(from, from + length + 1), at);
    }
    length = Math.min(length - 1, wanted.length - from);
    pieces.push([at, at + length]);
    from += length;
  }
  return pieces;
}

/** Places in a row joined by item; what was left out between two letters of one item belongs to the range. */
function toRanges(places: readonly Place[]): ItemRange[] {
  const byItem = new Map<number, { start: number; end: number }>();
  for (const { item, start, end } of places) {
    const range = byItem.get(item);
    if (!range) byItem.set(item, { start, end });
    else {
      range.start = Math.min(range.start, start);
      range.end = Math.max(range.end, end);
    }
  }
  return [...byItem].map(([item, range]) => ({ item, ...range }));
}
