import type { Word } from "../parsed.ts";
import type { PageView } from "./page-view.ts";
import { dot, type Run, wordsOf } from "./run.ts";

/** Runs on one baseline, in the order they were set. Offsets of its words count from its start. */
export type Line = {
  readonly text: string;
  readonly words: readonly Word[];
  readonly along: readonly [number, number];
  readonly start: number;
  readonly end: number;
  readonly across: number;
  readonly size: number;
  /** True where wide gaps part it into cells, written as tabs. */
  readonly isRow: boolean;
};

/** A gap wider than this many font sizes parts cells. */
const cellGap = 2;
const wordGap = 0.15;

/** Joins runs to lines. The order is that of the file: columns read as they were written. */
export function readLines(runs: readonly Run[], view: PageView): Line[] {
  const lines: Line[] = [];
  let open: Run[] = [];
  for (const run of runs) {
    const last = open[open.length - 1];
    if (last && isSameAgain(last, run)) continue;
    if (last && !continues(last, run)) {
      lines.push(toLine(open, view));
      open = [];
    }
    open.push(run);
  }
  if (open.length > 0) lines.push(toLine(open, view));
  return lines;
}

function continues(last: Run, run: Run): boolean {
  const size = Math.max(last.size, run.size);
  if (dot(last.along, run.along) < 0.99 || Math.abs(last.across - run.across) > size * 0.45) return false;
  if (run.rightToLeft || last.rightToLeft) return true;
  return run.start > last.end - size * 0.5;
}

/** Bold faked by setting the same text twice. */
function isSameAgain(last: Run, run: Run): boolean {
  const near = last.size * 0.3;
  return last.text === run.text && Math.abs(last.start - run.start) < near && Math.abs(last.across - run.across) < near;
}

function toLine(runs: readonly Run[], view: PageView): Line {
  // Kept in pieces, of which only the last is looked at: a line may be made of a hundred thousand runs.
  const pieces: string[] = [];
  let length = 0;
  const put = (piece: string) => {
    pieces.push(piece);
    length += piece.length;
  };
  let isRow = false;
  const words: Word[] = [];
  let last: Run | undefined;
  for (const run of runs) {
    if (last) {
      const gap = gapBetween(last, run) / Math.max(last.size, run.size);
      const isCell = gap > cellGap;
      isRow ||= isCell;
      if (isCell) {
        const before = pieces.pop() ?? "";
        length -= before.length;
        put(`${before.trimEnd()}\t`);
      } else if (gap > wordGap && !endsBlank(pieces)) put(" ");
    }
    const piece = endsBlank(pieces) ? run.text.trimStart() : run.text;
    const skipped = run.text.length - piece.length;
    for (const word of wordsOf(run, view)) {
      words.push({ ...word, start: word.start - skipped + length, end: word.end - skipped + length });
    }
    put(piece);
    last = run;
  }
  const first = runs[0] as Run;
  return {
    text: pieces.join("").trimEnd(),
    words: joinTouching(words),
    along: first.along,
    start: runs.reduce((least, run) => Math.min(least, run.start), first.start),
    end: runs.reduce((most, run) => Math.max(most, run.end), first.end),
    across: first.across,
    size: longest(runs).size,
    isRow,
  };
}

function endsBlank(pieces: readonly string[]): boolean {
  return /\s$/.test(pieces[pieces.length - 1] ?? " ");
}

function gapBetween(last: Run, run: Run): number {
  return Math.max(run.start - last.end, last.start - run.end);
}

function longest(runs: readonly Run[]): Run {
  return runs.reduce((best, run) => (run.text.length > best.text.length ? run : best));
}

/** A word set in several runs is one word. */
function joinTouching(words: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of words) {
    const last = joined[joined.length - 1];
    if (!last || last.end !== word.start || word.end - last.start > 200) {
      joined.push(word);
      continue;
    }
    const x = Math.min(last.x, word.x);
    const y = Math.min(last.y, word.y);
    joined[joined.length - 1] = {
      start: last.start,
      end: word.end,
      x,
      y,
      width: Math.max(last.x + last.width, word.x + word.width) - x,
      height: Math.max(last.y + last.height, word.y + word.height) - y,
    };
  }
  return joined;
}
