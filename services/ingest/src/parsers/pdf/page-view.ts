/** An affine transform in PDF's order: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** How a page is seen: its crop box, turned as the page says, from the top left. */
export type PageView = {
  readonly width: number;
  readonly height: number;
  /** From the page's own space to the view. */
  readonly transform: Matrix;
};

/** `first` after `second`. */
export function multiply(first: Matrix, second: Matrix): Matrix {
  return [
    first[0] * second[0] + first[2] * second[1],
    first[1] * second[0] + first[3] * second[1],
    first[0] * second[2] + first[2] * second[3],
    first[1] * second[2] + first[3] * second[3],
    first[0] * second[4] + first[2] * second[5] + first[4],
    first[1] * second[4] + first[3] * second[5] + first[5],
  ];
}

/** A rectangle as fractions of the view; undefined if it lies outside. */
export function toFractions(
  view: PageView,
  corners: readonly (readonly [number, number])[],
): { x: number; y: number; width: number; height: number } | undefined {
  const xs = corners.map(([x]) => x / view.width);
  const ys = corners.map(([, y]) => y / view.height);
  const left = Math.max(0, Math.min(...xs));
  const top = Math.max(0, Math.min(...ys));
  const right = Math.min(1, Math.max(...xs));
  const bottom = Math.min(1, Math.max(...ys));
  if (!(right > left && bottom > top)) return undefined;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
