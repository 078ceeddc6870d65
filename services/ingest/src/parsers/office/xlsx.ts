import type { Archive } from "../archive.ts";
import { ParseFailure } from "../failure.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { SheetWriter } from "../sheet-writer.ts";
import type { Cell } from "../table.ts";
import { attribute, readXml } from "../xml.ts";
import { formatNumber, type NumberFormat, numberFormat } from "./number-format.ts";
import { readRelations } from "./relations.ts";

/** What the cells of all sheets refer to. */
type Workbook = {
  readonly strings: readonly string[];
  /** By the number of a cell's style. */
  readonly formats: readonly NumberFormat[];
  readonly isFrom1904: boolean;
};

/** Reads an Excel workbook sheet by sheet, as its reader sees it: values, not formulas, and no hidden sheets. */
export async function* parseXlsx(archive: Archive, main: string, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const relations = await readRelations(archive, main);
  const partOf = (type: string) => relations.find((relation) => relation.type === type)?.target ?? "";
  const { sheets, isFrom1904 } = await readSheetList(archive.read(main));
  const strings = await readStrings(archive.read(partOf("sharedStrings")), limits.maxChars);
  const formats = await readFormats(archive.read(partOf("styles")));
  yield { kind: "opened", pageCount: 0 };
  let isBlank = true;
  for (const { name, id } of sheets) {
    const target = relations.find((relation) => relation.id === id)?.target ?? "";
    const sheet = new SheetWriter(limits.maxChars, name);
    await readSheet(archive.read(target), { strings, formats, isFrom1904 }, sheet);
    await readComments(archive, target, sheet);
    yield { kind: "slice", pagesDone: 0 };
    if (sheet.isBlank) continue;
    isBlank = false;
    yield { kind: "part", page: 0, sheet: name, part: sheet.finish() };
  }
  if (isBlank) throw new ParseFailure("NO_TEXT");
}

async function readSheetList(chunks: AsyncIterable<Uint8Array>) {
  const sheets: { name: string; id: string }[] = [];
  let isFrom1904 = false;
  await readXml(chunks, {
    open(name, attributes) {
      if (name === "workbookPr") isFrom1904 = ["1", "true"].includes(attributes.date1904 ?? "");
      if (name !== "sheet" || (attributes.state ?? "visible") !== "visible") return;
      sheets.push({ name: attributes.name ?? "", id: attribute(attributes, "id") ?? "" });
    },
  });
  return { sheets, isFrom1904 };
}

/** The strings that cells share, without what shows how to pronounce them. */
async function readStrings(chunks: AsyncIterable<Uint8Array>, maxChars: number): Promise<string[]> {
  const strings: string[] = [];
  let chars = 0;
  let string = "";
  let isText = false;
  let isPhonetic = false;
  await readXml(chunks, {
    open(name) {
      if (name === "si") string = "";
      else if (name === "rPh") isPhonetic = true;
      else if (name === "t") isText = !isPhonetic;
    },
    text(text) {
      if (!isText) return;
      chars += text.length;
      if (chars > maxChars) throw new ParseFailure("TOO_LARGE");
      string += text;
    },
    close(name) {
      if (name === "si") strings.push(string);
      else if (name === "rPh") isPhonetic = false;
      else if (name === "t") isText = false;
    },
  });
  return strings;
}

async function readFormats(chunks: AsyncIterable<Uint8Array>): Promise<NumberFormat[]> {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let isOfCells = false;
  await readXml(chunks, {
    open(name, { numFmtId, formatCode }) {
      if (name === "numFmt") codes.set(Number(numFmtId), formatCode ?? "");
      else if (name === "cellXfs") isOfCells = true;
      else if (name === "xf" && isOfCells) formats.push(numberFormat(Number(numFmtId), codes.get(Number(numFmtId))));
    },
    close(name) {
      if (name === "cellXfs") isOfCells = false;
    },
  });
  return formats;
}

async function readSheet(chunks: AsyncIterable<Uint8Array>, workbook: Workbook, sheet: SheetWriter): Promise<void> {
  let row: Cell[] = [];
  let lastRow = 0;
  let column = -1;
  let type = "n";
  let style = 0;
  let value = "";
  let isValue = false;
  await readXml(chunks, {
    open(name, attributes) {
      if (name === "row") {
        const number = Number(attributes.r ?? lastRow + 1);
        // Rows that are left out are empty.
        if (number > lastRow + 1) sheet.addRow([]);
        lastRow = number;
        column = -1;
      } else if (name === "c") {
        column = attributes.r ? columnOf(attributes.r) : column + 1;
        type = attributes.t ?? "n";
        style = Number(attributes.s ?? 0);
        value = "";
      } else if (name === "v" || name === "t") isValue = true;
    },
    text(text) {
      if (isValue) value += text;
    },
    close(name) {
      if (name === "v" || name === "t") isValue = false;
      else if (name === "c") {
        const text = showCell(value, type, style, workbook);
        if (text) row.push([column, text]);
      } else if (name === "row") {
        sheet.addRow(row);
        row = [];
      }
    },
  });
}

/** `AB12` is in column 27. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference) {
    const code = letter.charCodeAt(0) - 64;
    if (code < 1 || code > 26) break;
    column = column * 26 + code;
  }
  return column - 1;
}

function showCell(value: string, type: string, style: number, { strings, formats, isFrom1904 }: Workbook): string {
  if (type === "s") return strings[Number(value)] ?? "";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  if (type === "e") return "";
  return type === "n" ? formatNumber(value, formats[style] ?? "number", isFrom1904) : value;
}

/** Comments follow their sheet, each after its cell's name. */
async function readComments(archive: Archive, sheetPart: string, sheet: SheetWriter): Promise<void> {
  const relations = await readRelations(archive, sheetPart);
  const { target = "" } = relations.find(({ type }) => type === "comments") ?? {};
  let text = "";
  let cell = "";
  let isText = false;
  await readXml(archive.read(target), {
    open(name, attributes) {
      if (name === "comment") cell = attributes.ref ?? "";
      else if (name === "t") isText = true;
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === "t") isText = false;
      if (name !== "comment") return;
      sheet.addRow([]);
      sheet.addRow([[0, `${cell}: ${text}`]]);
      text = "";
    },
  });
}
