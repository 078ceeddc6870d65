import { clean } from "../decode.ts";
import type { Word } from "../parsed.ts";
import { charWidth } from "./char-width.ts";
import { type Matrix, multiply, type PageView, toFractions } from "./page-view.ts";
import type { TextItem, TextStyle } from "./text-content.ts";

/** A piece of text set in one go, placed in the view. */
export type Run = {
  readonly text: string;
  /** Unit vectors along the text and up from its baseline. */
  readonly along: readonly [number, number];
  readonly up: readonly [number, number];
  /** Where its baseline starts. */
  readonly origin: readonly [number, number];
  /** Start and end in the direction of the text. */
  readonly start: number;
  readonly end: number;
  /** The baseline's place across the direction of the text, growing from line to line. */
  readonly across: number;
  readonly size: number;
  readonly ascent: number;
  readonly descent: number;
  readonly rightToLeft: boolean;
};

/** Places one text item of pdf.js; undefined for white space and for text without extent. */
export function toRun(item: TextItem, style: TextStyle | undefined, view: PageView): Run | undefined {
  const text = clean(item.str);
  if (!text.trim()) return undefined;
  const placed = multiply(view.transform, item.transform as unknown as Matrix);
  const scale = Math.hypot(view.transform[0], view.transform[1]);
  const size = Math.hypot(placed[2], placed[3]);
  const unitX = unit(placed[0], placed[1]);
  const unitY = unit(placed[2], placed[3]);
  if (!(size > 0) || !unitX || !unitY || !placed.every(Number.isFinite)) return undefined;
  const vertical = style?.vertical === true;
  const along = vertical ? ([-unitY[0], -unitY[1]] as const) : unitX;
  const up = vertical ? unitX : unitY;
  const origin = [placed[4], placed[5]] as const;
  const start = dot(origin, along);
  return {
    text,
    along,
    up,
    origin,
    start,
    end: start + (vertical ? item.height : item.width) * scale,
    across: -dot(origin, up),
    size,
    ascent: vertical ? 0.5 : bounded(style?.ascent, 0.5, 1.1, 0.8),
    descent: vertical ? -0.5 : bounded(style?.descent, -0.5, -0.05, -0.2),
    rightToLeft: item.dir === "rtl",
  };
}

/** The words of a run with their boxes. pdf.js gives a run's width only, so common letter widths share it out. */
export function wordsOf(run: Run, view: PageView): Word[] {
  const edges = [0];
  for (const char of run.text) {
    const before = edges[edges.length - 1] ?? 0;
    for (let unit = 1; unit < char.length; unit++) edges.push(before);
    edges.push(before + charWidth(char.codePointAt(0) ?? 0));
  }
  const total = edges[edges.length - 1] || 1;
  const words: Word[] = [];
  for (const match of run.text.matchAll(/\S{1,200}/gu)) {
    const start = match.index;
    const end = start + match[0].length;
    const from = (edges[start] ?? 0) / total;
    const to = (edges[end] ?? total) / total;
    const box = boxAt(run, view, run.rightToLeft ? 1 - to : from, run.rightToLeft ? 1 - from : to);
    if (box) words.push({ start, end, ...box });
  }
  return words;
}

function boxAt(run: Run, view: PageView, from: number, to: number) {
  const length = run.end - run.start;
  const corner = (share: number, rise: number) =>
    [
      run.origin[0] + run.along[0] * length * share + run.up[0] * run.size * rise,
      run.origin[1] + run.along[1] * length * share + run.up[1] * run.size * rise,
    ] as const;
  return toFractions(view, [
    corner(from, run.ascent),
    corner(to, run.ascent),
    corner(from, run.descent),
    corner(to, run.descent),
  ]);
}

function unit(x: number, y: number): readonly [number, number] | undefined {
  const length = Math.hypot(x, y);
  return length > 0 ? [x / length, y / length] : undefined;
}

function bounded(value: number | undefined, low: number, high: number, otherwise: number): number {
  return value === undefined || !Number.isFinite(value) || value === 0
    ? otherwise
    : Math.min(high, Math.max(low, value));
}

export const dot = (a: readonly [number, number], b: readonly [number, number]): number => a[0] * b[0] + a[1] * b[1];
