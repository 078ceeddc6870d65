import { splitSentences } from "@lyceum/text";
import { type HeadingStep, toHeadingSteps } from "./headings.ts";
import type { Block } from "./parsers/parsed.ts";
import { isWide } from "./parsers/pdf/char-width.ts";

/** A passage before it has an id: where it stands in the text, and under which headings. */
export type PassageSpan = {
  readonly start: number;
  readonly end: number;
  readonly headingPath: readonly string[];
  /** Which headings its parts stand under, where they differ. */
  readonly headings: readonly HeadingStep[];
};

/** The headings the text stands under at some point; carried from page to page. */
export type HeadingTrail = readonly { readonly rank: number; readonly title: string }[];

/** Sizes in characters; those of East Asian scripts count twice, since they say twice as much. */
const sizes = {
  /** What fits is kept whole: a short document is one passage. */
  whole: 1500,
  /** No passage is meant to be longer. */
  most: 1200,
  /** From here a passage may end at the end of a paragraph. */
  enough: 600,
  /** What is shorter joins its neighbour. */
  little: 250,
};

/** A longer line has no sentences worth looking for. */
const maxProseLength = 20_000;
const maxHeadingDepth = 8;
/** Characters kept of a heading or a sheet's name. */
export const maxTitleLength = 200;

/** A stretch that is never cut, and what stands before a cut: a paragraph's end is a better place than a sentence's. */
type Unit = { start: number; end: number; size: number; opensBlock: boolean };

/** A run of units under the same headings, or several that were joined. */
type Section = { path: string[]; units: Unit[]; size: number; joined?: Section[] };

/**
 * Cuts text into passages in reading order, each verbatim, without overlap: whole sections where they are short enough, else
 * at paragraphs, rows and sentences. Returns the headings in force at the end.
 */
export function cutPassages(
  text: string,
  blocks: readonly Block[],
  trail: HeadingTrail = [],
): { passages: PassageSpan[]; trail: HeadingTrail } {
  const { sections, trail: after } = readSections(text, blocks, trail);
  const total = sections.reduce((sum, section) => sum + section.size, 0);
  const joined = total <= sizes.whole ? joinAll(sections) : joinLittle(sections);
  return { passages: joined.flatMap(cutSection), trail: after };
}

function readSections(text: string, blocks: readonly Block[], trail: HeadingTrail) {
  const sections: Section[] = [];
  let current = trail;
  let open: Section | undefined;
  let hasBody = false;
  for (const block of blocks) {
    if (block.kind === "heading") {
      const title = text.slice(block.start, block.end).trim().slice(0, maxTitleLength).toWellFormed();
      current = [...current.filter(({ rank }) => rank < block.rank), { rank: block.rank, title }].slice(
        -maxHeadingDepth,
      );
      // A heading right below another opens no section of its own.
      if (hasBody) open = undefined;
      hasBody = false;
    } else {
      hasBody = true;
    }
    if (!open) {
      open = { path: [], units: [], size: 0 };
      sections.push(open);
    }
    if (block.kind !== "heading" || open.path.length === 0) open.path = current.map(({ title }) => title);
    for (const unit of unitsOf(text, block)) {
      open.units.push(unit);
      open.size += unit.size;
    }
  }
  return { sections, trail: current };
}

function* unitsOf(text: string, block: Block): Generator<Unit> {
  const size = sizeOf(text, block.start, block.end);
  if (size <= sizes.most) {
    yield { start: block.start, end: block.end, size, opensBlock: true };
    return;
  }
  const pieces =
    block.kind === "rows" ? rowsOf(text, block).flatMap((row) => piecesOf(text, row)) : sentencesOf(text, block);
  for (const [index, piece] of pieces.entries()) {
    for (const short of shorten(text, piece)) {
      yield { ...short, size: sizeOf(text, short.start, short.end), opensBlock: index === 0 || block.kind === "rows" };
    }
  }
}

/** A row too long for a passage is prose, such as a list's item; one without end is data. */
function piecesOf(text: string, row: { start: number; end: number }): { start: number; end: number }[] {
  const length = row.end - row.start;
  return length > sizes.most && length < maxProseLength ? sentencesOf(text, row) : [row];
}

function rowsOf(text: string, block: Block): { start: number; end: number }[] {
  const rows = [];
  for (let start = block.start; start < block.end; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 || found > block.end ? block.end : found;
    if (text.slice(start, end).trim()) rows.push({ start, end });
    start = end + 1;
  }
  return rows;
}

function sentencesOf(text: string, block: { start: number; end: number }): { start: number; end: number }[] {
  return splitSentences(text.slice(block.start, block.end)).map(({ start, end }) => ({
    start: start + block.start,
    end: end + block.start,
  }));
}

/** Cuts what has no sentence end for too long, at white space where there is any near. */
function* shorten(text: string, piece: { start: number; end: number }): Generator<{ start: number; end: number }> {
  let { start } = piece;
  // Sized only as far as needed: a text may be one sentence of millions of characters.
  while (sizeOf(text, start, Math.min(piece.end, start + sizes.most + 1)) > sizes.most) {
    const limit = start + (isWide(text.charCodeAt(start)) ? sizes.most / 2 : sizes.most);
    let end = limit;
    while (end > limit - 200 && !/\s/.test(text[end] ?? "")) end--;
    if (end === limit - 200) end = limit;
    if (isLowSurrogate(text.charCodeAt(end))) end--;
    yield { start, end };
    start = end;
    while (start < piece.end && /\s/.test(text[start] ?? "")) start++;
  }
  if (start < piece.end) yield { start, end: piece.end };
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

function sizeOf(text: string, start: number, end: number): number {
  let size = 0;
  for (let at = start; at < end; at++) size += isWide(text.charCodeAt(at)) ? 2 : 1;
  return size;
}

/** Everything as one section, under what all of it stands under. */
function joinAll(sections: readonly Section[]): Section[] {
  return sections.length === 0 ? [] : [sections.reduce(joinTwo)];
}

/** Sections too small to be found on their own join the one before or after them, if the two share a heading or have none. */
function joinLittle(sections: readonly Section[]): Section[] {
  const joined: Section[] = [];
  for (const section of sections) {
    const last = joined[joined.length - 1];
    const isLittle = last && Math.min(last.size, section.size) < sizes.little;
    if (last && isLittle && last.size + section.size <= sizes.most && shareHeading(last, section)) {
      joined[joined.length - 1] = joinTwo(last, section);
    } else {
      joined.push(section);
    }
  }
  return joined;
}

function shareHeading(a: Section, b: Section): boolean {
  return a.path.length === 0 || b.path.length === 0 || a.path[0] === b.path[0];
}

function joinTwo(a: Section, b: Section): Section {
  const units = [...a.units, ...b.units];
  const size = a.size + b.size;
  const joined = [...(a.joined ?? [a]), ...(b.joined ?? [b])];
  if (a.path.length === 0 || b.path.length === 0)
    return { path: a.path.length > 0 ? a.path : b.path, units, size, joined };
  const differs = a.path.findIndex((title, index) => title !== b.path[index]);
  const shared = differs < 0 ? a.path : a.path.slice(0, differs);
  return { path: shared.length > 0 ? shared : a.path, units, size, joined };
}

/** Even pieces at the best places: no crumb is left at the end. */
function cutSection(section: Section): PassageSpan[] {
  const pieces: Unit[][] = [];
  const goal = section.size / Math.ceil(section.size / (section.size <= sizes.whole ? sizes.whole : sizes.most));
  let open: Unit[] = [];
  let size = 0;
  for (const unit of section.units) {
    const isFull = size + unit.size > (goal > sizes.most ? sizes.whole : sizes.most);
    const isBlockEnd = unit.opensBlock && size >= Math.max(sizes.enough, goal * 0.8) && size + unit.size > goal * 1.1;
    const isSentenceEnd = !unit.opensBlock && size + unit.size / 2 > goal;
    if (open.length > 0 && (isFull || isBlockEnd || isSentenceEnd)) {
      pieces.push(open);
      open = [];
      size = 0;
    }
    open.push(unit);
    size += unit.size;
  }
  if (open.length > 0) pieces.push(open);
  return joinCrumb(pieces).map((units) => {
    const start = (units[0] as Unit).start;
    const end = (units[units.length - 1] as Unit).end;
    return { start, end, headingPath: section.path, headings: headingsBetween(section, start, end) };
  });
}

function headingsBetween({ joined = [] }: Section, start: number, end: number): HeadingStep[] {
  const inside = joined.filter(
    ({ units }) => units.length > 0 && (units[0] as Unit).start < end && (units[units.length - 1] as Unit).end > start,
  );
  return toHeadingSteps(inside.map(({ path, units }) => ({ at: Math.max(0, (units[0] as Unit).start - start), path })));
}

function joinCrumb(pieces: Unit[][]): Unit[][] {
  const last = pieces[pieces.length - 1];
  const before = pieces[pieces.length - 2];
  if (!last || !before) return pieces;
  const sum = (units: Unit[]) => units.reduce((total, unit) => total + unit.size, 0);
  if (sum(last) >= sizes.little || sum(last) + sum(before) > sizes.whole) return pieces;
  return [...pieces.slice(0, -2), [...before, ...last]];
}
