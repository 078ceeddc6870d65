/** A stretch of one text item: from character `start` up to `end`, in UTF-16 units. */
export type ItemRange = { readonly item: number; readonly start: number; readonly end: number };

/** What can't be found whole is found in pieces of at least this many letters. */
const minPiece = 8;

/**
 * Finds where `quote` stands in the items of a PDF's text layer. Spaces don't count, hyphens only where they help, and
 * letters compare in their compatibility form, because layout decides about these. `isNear` tells whether a letter lies
 * where the quote is expected: among several places the one with most such letters wins. If the items hold the quote only
 * in pieces (a page's footer stands between), the pieces made of near letters are given; if not even those, all near letters.
 */
export function findQuote(
  items: readonly string[],
  quote: string,
  isNear: (letter: ItemRange) => boolean,
): readonly ItemRange[] {
  for (const ignored of [layoutOnly, layoutAndHyphens]) {
    const wanted = toLetters([quote], ignored).text;
    const page = toLetters(items, ignored);
    const start = bestPlace(page, wanted, isNear);
    if (start !== undefined) return toRanges(page.places.slice(start, start + wanted.length));
  }
  const near = toLetters(items, layoutAndHyphens, isNear);
  const pieces = findPieces(near.text, toLetters([quote], layoutAndHyphens).text);
  if (pieces.length === 0) return toRanges(near.places);
  return pieces.flatMap(([from, to]) => toRanges(near.places.slice(from, to)));
}

/** Spaces and invisible format characters, such as soft hyphens. */
const layoutOnly = /[\s\p{Cf}]/gu;
const layoutAndHyphens = /[\s\p{Cf}\p{Pd}]/gu;

/** Text without what doesn't count; each of its units has its place in the items. */
type Letters = { text: string; places: ItemRange[] };

function toLetters(items: readonly string[], ignored: RegExp, isWanted?: (letter: ItemRange) => boolean): Letters {
  const places: ItemRange[] = [];
  let text = "";
  for (const [item, content] of items.entries()) {
    let start = 0;
    for (const character of content) {
      const place = { item, start, end: start + character.length };
      start = place.end;
      if (isWanted && !isWanted(place)) continue;
      const letters = character.normalize("NFKC").replace(ignored, "");
      text += letters;
      for (let unit = 0; unit < letters.length; unit += 1) places.push(place);
    }
  }
  return { text, places };
}

function bestPlace({ text, places }: Letters, wanted: string, isNear: (letter: ItemRange) => boolean) {
  if (wanted === "") return undefined;
  let best: number | undefined;
  let bestHits = -1;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const hits = places.slice(at, at + wanted.length).filter(isNear).length;
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
    while (from + length < wanted.length) {
      const longer = text.indexOf(wanted.slice(from, from + length + 1), at);
      if (longer === -1) break;
      at = longer;
      length += 1;
    }
    pieces.push([at, at + length]);
    from += length;
  }
  return pieces;
}

/** Places in a row joined by item; what was left out between two letters of one item belongs to the range. */
function toRanges(places: readonly ItemRange[]): ItemRange[] {
  const byItem = new Map<number, ItemRange>();
  for (const place of places) {
    const range = byItem.get(place.item) ?? place;
    byItem.set(place.item, {
      item: place.item,
      start: Math.min(range.start, place.start),
      end: Math.max(range.end, place.end),
    });
  }
  return [...byItem.values()];
}
