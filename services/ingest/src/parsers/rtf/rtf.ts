import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { wholeSource } from "../text.ts";
import { type RtfHandler, readRtf } from "./read-rtf.ts";

/** Reads Rich Text Format: paragraphs, headings, lists and tables in whatever encodings it mixes; no hidden text. */
export async function* parseRtf(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const flow = new FlowWriter(limits.maxChars);
  writeRtf(flow, bytes);
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

/** No string holds much more. */
const maxBytes = 2 ** 28;

/** Adds the text of an RTF source to a flow. Throws ParseFailure TOO_LARGE. */
export function writeRtf(flow: FlowWriter, bytes: Uint8Array): void {
  if (bytes.length > maxBytes) throw new ParseFailure("TOO_LARGE");
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  readRtf(source, createHandler(flow));
  flow.endParagraph();
}

function createHandler(flow: FlowWriter): RtfHandler {
  const ranks = new Map<number, number>();
  let rank: number | undefined;
  let mark = "";
  let depth = 0;
  let note = "";
  const table = createTable(flow);

  const endParagraph = () => {
    if (rank !== undefined) flow.endParagraph({ kind: "heading", rank, mark: markOf(mark) });
    else if (mark) flow.endParagraph({ kind: "item", depth, mark: markOf(mark) });
    else flow.endParagraph();
    mark = "";
    // Notes stand in the middle of what they are about.
    flow.text(note);
    flow.endParagraph();
    note = "";
  };
  const controls: Record<string, (number: number) => void> = {
    par: endParagraph,
    sect: endParagraph,
    page: endParagraph,
    pard: () => {
      rank = undefined;
      depth = 0;
      table.leave();
    },
    intbl: () => table.enter(),
    cell: () => {
      table.enter();
      table.ensureCell();
      endParagraph();
      table.closeCell();
    },
    row: () => table.closeRow(),
    nestcell: () => flow.text("\t"),
    s: (style) => {
      rank = ranks.get(style);
    },
    outlinelevel: (level) => {
      if (level < 9) rank = level + 1;
    },
    ilvl: (level) => {
      depth = level;
    },
  };

  return {
    text(text, place) {
      if (place === "mark") mark += text;
      else if (place === "note") note += text;
      else {
        if (text.trim()) table.ensureCell();
        flow.text(text);
      }
    },
    control: (word, number) => controls[word]?.(number ?? 1),
    style(number, name) {
      const heading = /^heading ([1-9])$/.exec(name);
      if (heading) ranks.set(number, Number(heading[1]));
      else if (name === "title") ranks.set(number, 0);
    },
  };
}

/** Bullets come as characters of many fonts. */
function markOf(mark: string): string {
  const trimmed = mark.trim();
  if (!trimmed) return "";
  return /[\p{L}\p{N}]/u.test(trimmed) && trimmed !== "o" ? `${trimmed} ` : "- ";
}

/** RTF has no tables, only paragraphs that say that they stand in one. */
function createTable(flow: FlowWriter) {
  let isInside = false;
  let isOpen = false;
  let isRowOpen = false;
  let isCellOpen = false;
  const closeTable = () => {
    if (isOpen) flow.closeTable();
    isOpen = false;
    isRowOpen = false;
    isCellOpen = false;
  };
  return {
    enter() {
      isInside = true;
    },
    leave() {
      isInside = false;
    },
    /** Before text: opens what it stands in, or closes the table it no longer stands in. */
    ensureCell() {
      if (!isInside) return closeTable();
      if (!isOpen) flow.openTable();
      if (!isRowOpen) flow.openRow();
      if (!isCellOpen) flow.openCell();
      isOpen = true;
      isRowOpen = true;
      isCellOpen = true;
    },
    closeCell() {
      if (isCellOpen) flow.closeCell();
      isCellOpen = false;
    },
    closeRow() {
      isRowOpen = false;
    },
  };
}
