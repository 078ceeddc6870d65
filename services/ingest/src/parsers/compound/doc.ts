import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { wholeSource } from "../text.ts";
import type { CompoundFile } from "./compound-file.ts";

/** Where things stand in a document's first bytes (MS-DOC, 2.5). */
const places = { signature: 0, flags: 10, lengths: 76, piecesAt: 418, piecesBytes: 422 };
const signature = 0xa5ec;
const flags = { encrypted: 0x0100, firstTable: 0x0200 };

/** Reads a document of Word 97 to 2003: its text, notes and comments. What is a heading, or hidden, is not told apart. */
export async function* parseDoc(file: CompoundFile, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const flow = new FlowWriter(limits.maxChars);
  for (const text of readTexts(file)) write(flow, text);
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

/** The main text, and what belongs to it; headers and footers, which stand between these, are left out. */
function readTexts(file: CompoundFile): string[] {
  const main = file.read("WordDocument") ?? Buffer.alloc(0);
  if (main.length < places.piecesBytes + 4) throw new ParseFailure("CORRUPT");
  // Word 6 and 95 wrote another format.
  if (main.readUInt16LE(places.signature) !== signature) throw new ParseFailure("UNSUPPORTED");
  const bits = main.readUInt16LE(places.flags);
  if (bits & flags.encrypted) throw new ParseFailure("ENCRYPTED");
  const table = file.read(bits & flags.firstTable ? "1Table" : "0Table");
  if (!table) throw new ParseFailure("CORRUPT");
  const start = main.readUInt32LE(places.piecesAt);
  const text = readPieces(main, table.subarray(start, start + main.readUInt32LE(places.piecesBytes)));
  const lengths = Array.from({ length: 7 }, (_, index) => main.readUInt32LE(places.lengths + index * 4));
  const [body = 0, notes = 0, headers = 0, , comments = 0, endNotes = 0, boxes = 0] = lengths;
  const kept = [body, notes, -headers, comments, endNotes, boxes];
  let at = 0;
  return kept.flatMap((length) => {
    const from = at;
    at += Math.abs(length);
    return length > 0 ? [text.slice(from, at)] : [];
  });
}

/** The text is a list of pieces, each in UTF-16 or Windows-1252, somewhere in the main stream. */
function readPieces(main: Buffer, list: Buffer): string {
  const at = findPieces(list);
  const count = Math.floor((list.readUInt32LE(at - 4) - 4) / 12);
  if (count < 1 || at + count * 12 + 4 > list.length) throw new ParseFailure("CORRUPT");
  const texts: string[] = [];
  for (let index = 0; index < count; index++) {
    const length = list.readUInt32LE(at + index * 4 + 4) - list.readUInt32LE(at + index * 4);
    const place = list.readUInt32LE(at + (count + 1) * 4 + index * 8 + 2);
    const isNarrow = (place & 0x40000000) !== 0;
    const start = isNarrow ? (place & 0x3fffffff) >> 1 : place & 0x3fffffff;
    const end = start + length * (isNarrow ? 1 : 2);
    if (length < 0 || end > main.length) throw new ParseFailure("CORRUPT");
    texts.push(new TextDecoder(isNarrow ? "windows-1252" : "utf-16le").decode(main.subarray(start, end)));
  }
  return texts.join("");
}

/** Changes of format come before the pieces. */
function findPieces(list: Buffer): number {
  let at = 0;
  while (at + 3 <= list.length && list[at] === 1) at += 3 + list.readUInt16LE(at + 1);
  if (list[at] !== 2 || at + 5 > list.length) throw new ParseFailure("CORRUPT");
  return at + 5;
}

/** Control characters with a meaning of their own (MS-DOC, 2.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const marks = /[\r\x07\x0b\x0c\x0e\x13-\x15\x1e]/g;

function write(flow: FlowWriter, text: string): void {
  let at = 0;
  /** Fields open here, each with what it does before what it shows. */
  const fields: ("does" | "shows")[] = [];
  const say = (piece: string) => {
    if (!fields.includes("does")) flow.text(piece);
  };
  let afterCell = false;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    say(text.slice(at, index));
    const isEmpty = at === index;
    at = index + 1;
    if (mark === "\x13") fields.push("does");
    else if (mark === "\x14" && fields.length > 0) fields[fields.length - 1] = "shows";
    else if (mark === "\x15") fields.pop();
    else if (mark === "\x0b") say("\n");
    else if (mark === "\x1e") say("-");
    else if (mark === "\x07") {
      // A row ends with a mark like a cell's, right after the last one's.
      say(afterCell && isEmpty ? "\n" : "\t");
    } else flow.endParagraph();
    afterCell = mark === "\x07";
  }
  say(text.slice(at));
  flow.endParagraph();
}
