import { ParseFailure } from "../failure.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { SheetWriter } from "../sheet-writer.ts";
import type { Cell } from "../table.ts";
import { type Attributes, attribute, readXml } from "../xml.ts";
import { createStyles } from "./styles.ts";

/** No program has more columns, however often a cell says that it is repeated. */
const maxColumns = 16_384;

/** Reads the content of an OpenDocument spreadsheet, sheet by sheet; no hidden sheets. */
export async function* readSheets(chunks: AsyncIterable<Uint8Array>, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const sheets: ParseEvent[] = [];
  const styles = createStyles();
  let sheet: SheetWriter | undefined;
  let name = "";
  let row: Cell[] = [];
  let rowRepeats = 1;
  let column = 0;
  let columnRepeats = 1;
  let cell: string[] = [];
  let annotationDepth = 0;
  let isText = false;

  const openers: Record<string, (attributes: Attributes) => void> = {
    table: (attributes) => {
      name = attribute(attributes, "name") ?? "";
      sheet = styles.hides(attributes) ? undefined : new SheetWriter(limits.maxChars, name);
    },
    "table-row": (attributes) => {
      row = [];
      rowRepeats = repeats(attributes, "number-rows-repeated");
      column = 0;
    },
    "table-cell": (attributes) => {
      cell = [];
      columnRepeats = repeats(attributes, "number-columns-repeated");
    },
    "covered-table-cell": (attributes) => {
      cell = [];
      columnRepeats = repeats(attributes, "number-columns-repeated");
    },
    annotation: () => {
      annotationDepth++;
    },
    p: () => {
      isText = annotationDepth === 0;
      if (isText) cell.push("");
    },
    s: () => write(" "),
    tab: () => write(" "),
    "line-break": () => write(" "),
  };
  const write = (text: string) => {
    if (isText) cell.push(`${cell.pop() ?? ""}${text}`);
  };
  const endCell = () => {
    const text = cell.join(" ");
    for (let times = 0; text && times < columnRepeats && column + times < maxColumns; times++) {
      row.push([column + times, text]);
    }
    column += columnRepeats;
  };
  const closers: Record<string, () => void> = {
    p: () => {
      isText = false;
    },
    annotation: () => {
      annotationDepth--;
    },
    "table-cell": endCell,
    "covered-table-cell": endCell,
    "table-row": () => {
      // Empty rows up to the end of the sheet are one row, repeated.
      for (let times = 0; times < (row.length > 0 ? rowRepeats : 1); times++) sheet?.addRow(row);
    },
    table: () => {
      if (sheet && !sheet.isBlank) sheets.push({ kind: "part", page: 0, sheet: name, part: sheet.finish() });
      sheet = undefined;
    },
  };

  await readXml(chunks, {
    open(element, attributes) {
      styles.open(element, attributes);
      openers[element]?.(attributes);
    },
    text: write,
    close: (element) => closers[element]?.(),
  });
  if (sheets.length === 0) throw new ParseFailure("NO_TEXT");
  yield { kind: "opened", pageCount: 0 };
  yield* sheets;
}

const repeats = (attributes: Attributes, name: string) => Math.max(1, Number(attribute(attributes, name)) || 1);
