import { ParseFailure } from "../failure.ts";
import { formatNumber, type NumberFormat, numberFormat } from "../office/number-format.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { encodingOfCodePage } from "../rtf/encodings.ts";
import { SheetWriter } from "../sheet-writer.ts";
import type { Cell } from "../table.ts";
import type { CompoundFile } from "./compound-file.ts";
import { createStringReader } from "./xls-strings.ts";

/** Types of records (MS-XLS, 2.3). */
const types = {
  begin: 0x0809,
  end: 0x000a,
  continued: 0x003c,
  locked: 0x002f,
  codePage: 0x0042,
  dates: 0x0022,
  sheet: 0x0085,
  strings: 0x00fc,
  format: 0x041e,
  style: 0x00e0,
  sharedText: 0x00fd,
  text: 0x0204,
  richText: 0x00d6,
  number: 0x0203,
  shortNumber: 0x027e,
  shortNumbers: 0x00bd,
  formula: 0x0006,
  formulaText: 0x0207,
  truth: 0x0205,
};

type Record = { readonly type: number; readonly body: Buffer };
type Workbook = {
  isWide: boolean;
  encoding: string;
  isFrom1904: boolean;
  readonly sheets: { name: string; offset: number }[];
  strings: string[];
  readonly codes: Map<number, string>;
  readonly formats: NumberFormat[];
};

/** Reads a workbook of Excel 5 to 2003, sheet by sheet: values, not formulas, and no hidden sheets. */
export async function* parseXls(file: CompoundFile, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const stream = file.read("Workbook") ?? file.read("Book") ?? Buffer.alloc(0);
  const workbook = readWorkbook(stream);
  yield { kind: "opened", pageCount: 0 };
  let isBlank = true;
  for (const { name, offset } of workbook.sheets) {
    const sheet = new SheetWriter(limits.maxChars, name);
    readSheet(stream, offset, workbook, sheet);
    if (sheet.isBlank) continue;
    isBlank = false;
    yield { kind: "part", page: 0, sheet: name, part: sheet.finish() };
  }
  if (isBlank) throw new ParseFailure("NO_TEXT");
}

function readWorkbook(stream: Buffer): Workbook {
  const workbook: Workbook = {
    isWide: true,
    encoding: "windows-1252",
    isFrom1904: false,
    sheets: [],
    strings: [],
    codes: new Map(),
    formats: [],
  };
  let shared: Buffer[] = [];
  let last = 0;
  for (const { type, body } of records(stream, 0)) {
    if (type === types.locked) throw new ParseFailure("ENCRYPTED");
    if (type === types.begin) workbook.isWide = body.readUInt16LE(0) >= 0x0600;
    else if (type === types.codePage) workbook.encoding = encodingOfCodePage(body.readUInt16LE(0));
    else if (type === types.dates) workbook.isFrom1904 = body.readUInt16LE(0) === 1;
    else if (type === types.sheet) {
      const isSeen = (body.readUInt8(4) & 3) === 0;
      // Charts and programs are sheets too.
      const hasCells = body.readUInt8(5) === 0;
      const name = readText(workbook, body.subarray(6), 1);
      if (isSeen && hasCells) workbook.sheets.push({ name, offset: body.readUInt32LE(0) });
    } else if (type === types.format) {
      workbook.codes.set(body.readUInt16LE(0), readText(workbook, body.subarray(2), workbook.isWide ? 2 : 1));
    } else if (type === types.style) {
      const id = body.readUInt16LE(2);
      workbook.formats.push(numberFormat(id, workbook.codes.get(id)));
    } else if (type === types.strings) shared = [body];
    else if (type === types.continued && last === types.strings) shared.push(body);
    if (type !== types.continued) last = type;
  }
  workbook.strings = readStrings(shared);
  return workbook;
}

function readStrings(pieces: readonly Buffer[]): string[] {
  if (pieces.length === 0) return [];
  const reader = createStringReader(pieces);
  const count = reader.take(8).readUInt32LE(4);
  const strings: string[] = [];
  for (let index = 0; index < count; index++) strings.push(reader.read(2));
  return strings;
}

/** A text after its length: before Excel 97 in the encoding of the file. */
function readText({ isWide, encoding }: Workbook, body: Buffer, lengthBytes: 1 | 2): string {
  if (isWide) return createStringReader([body]).read(lengthBytes);
  const length = body.readUIntLE(0, lengthBytes);
  return new TextDecoder(encoding).decode(body.subarray(lengthBytes, lengthBytes + length));
}

function readSheet(stream: Buffer, offset: number, workbook: Workbook, sheet: SheetWriter): void {
  let row = -1;
  let cells: Cell[] = [];
  /** Where the text of a formula belongs that comes in the next record. */
  let column = 0;
  const put = (body: Buffer, text: string, at = body.readUInt16LE(2)) => {
    const number = body.readUInt16LE(0);
    if (number !== row) {
      sheet.addRow(cells);
      if (number > row + 1) sheet.addRow([]);
      cells = [];
      row = number;
    }
    if (text) cells.push([at, text]);
  };
  const show = (value: number, style: number) =>
    formatNumber(String(value), workbook.formats[style] ?? "number", workbook.isFrom1904);
  const readers: { [type: number]: (body: Buffer) => void } = {
    [types.sharedText]: (body) => put(body, workbook.strings[body.readUInt32LE(6)] ?? ""),
    [types.text]: (body) => put(body, readText(workbook, body.subarray(6), 2)),
    [types.richText]: (body) => put(body, readText(workbook, body.subarray(6), 2)),
    [types.number]: (body) => put(body, show(body.readDoubleLE(6), body.readUInt16LE(4))),
    [types.shortNumber]: (body) => put(body, show(readShortNumber(body, 6), body.readUInt16LE(4))),
    [types.shortNumbers]: (body) => {
      const first = body.readUInt16LE(2);
      for (let at = 4, index = 0; at + 8 <= body.length; at += 6, index++) {
        put(body, show(readShortNumber(body, at + 2), body.readUInt16LE(at)), first + index);
      }
    },
    [types.truth]: (body) => put(body, body.readUInt8(7) === 1 ? "" : body.readUInt8(6) === 1 ? "TRUE" : "FALSE"),
    [types.formula]: (body) => {
      column = body.readUInt16LE(2);
      if (body.readUInt16LE(12) !== 0xffff) put(body, show(body.readDoubleLE(6), body.readUInt16LE(4)));
      else put(body, body.readUInt8(6) === 1 ? (body.readUInt8(8) === 1 ? "TRUE" : "FALSE") : "");
    },
    [types.formulaText]: (body) => cells.push([column, readText(workbook, body, 2)]),
  };
  for (const { type, body } of records(stream, offset)) readers[type]?.(body);
  sheet.addRow(cells);
}

/** A number in 30 bits: of a whole one all, of another the first; it may be a hundredth of what they say (2.5.217). */
function readShortNumber(body: Buffer, at: number): number {
  const bits = body.readInt32LE(at);
  const double = Buffer.alloc(8);
  double.writeInt32LE(bits & ~3, 4);
  const value = bits & 2 ? bits >> 2 : double.readDoubleLE(0);
  return bits & 1 ? value / 100 : value;
}

/** The records of the stretch that begins at `offset`, without those of stretches within it, such as charts. */
function* records(stream: Buffer, offset: number): Generator<Record> {
  let depth = 0;
  for (let at = offset; at + 4 <= stream.length; ) {
    const type = stream.readUInt16LE(at);
    const end = at + 4 + stream.readUInt16LE(at + 2);
    const body = stream.subarray(at + 4, end);
    at = end;
    if (type === types.begin) depth++;
    if (type === types.end && --depth <= 0) return;
    if (depth <= 1) yield { type, body };
  }
}
