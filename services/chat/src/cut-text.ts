/** Cuts a text into pieces of at most `maxUnits` UTF-16 units, never between the two of one character; one piece if it is empty. */
export function cutText(text: string, maxUnits: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length || pieces.length === 0; ) {
    let to = from + maxUnits;
    if (to < text.length && isLowSurrogate(text.charCodeAt(to))) to -= 1;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
