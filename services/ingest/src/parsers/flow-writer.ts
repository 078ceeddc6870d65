import { clean } from "./decode.ts";
import { ParseFailure } from "./failure.ts";
import type { Block, ParsedPart } from "./parsed.ts";
import { PartWriter } from "./part-writer.ts";
import { type Cell, hasHeader, labelledLine, onOneLine } from "./table.ts";

/** What a paragraph is. `depth` of a list's item counts from 0; `mark`, such as a number, stands before it. */
export type ParagraphStyle =
  | { readonly kind: "paragraph" }
  | { readonly kind: "heading"; readonly rank: number; readonly mark?: string }
  | { readonly kind: "item"; readonly depth: number; readonly mark: string }
  /** Verbatim, line by line. */
  | { readonly kind: "code" };

type Flowed = Pick<Block, "kind" | "rank"> & { readonly text: string };
type TableRow = { readonly cells: Flowed[][]; isHeader: boolean };
type Table = { readonly rows: TableRow[]; readonly cellsBefore: Flowed[] | undefined };

/** A longer table has its columns' names in every row; a longer cell is no cell of a table, but of a page's layout. */
const maxPlainTableChars = 1000;
const maxCellChars = 600;
const maxDepth = 8;

/** Turns text that is read tag by tag into a part. Throws ParseFailure TOO_LARGE past `maxChars`. */
export class FlowWriter {
  readonly #maxChars: number;
  readonly #part: PartWriter;
  readonly #tables: Table[] = [];
  /** The blocks of the open cell. */
  #cell: Flowed[] | undefined;
  #text = "";
  #chars = 0;
  #items: string[] = [];

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
    this.#part = new PartWriter(maxChars);
  }

  /** True between paragraphs. */
  get isBlank(): boolean {
    return !this.#text.trim();
  }

  /** Adds to the open paragraph; a line feed breaks its line. */
  text(piece: string): void {
    this.#chars += piece.length;
    if (this.#chars > this.#maxChars) throw new ParseFailure("TOO_LARGE");
    this.#text += piece;
  }

  /** Ends the open paragraph, if there is one. */
  endParagraph(style: ParagraphStyle = { kind: "paragraph" }): void {
    const text = style.kind === "code" ? tidyCode(this.#text) : tidy(this.#text);
    this.#text = "";
    if (!text) return;
    if (style.kind === "item") {
      const indent = "  ".repeat(Math.min(style.depth, maxDepth));
      this.#items.push(indent + (style.mark || "  ") + text.replaceAll("\n", `\n${indent}  `));
      return;
    }
    this.#endList();
    if (style.kind === "heading")
      this.#add({ kind: "heading", rank: style.rank, text: (style.mark ?? "") + onOneLine(text) });
    else this.#add({ kind: style.kind === "code" ? "rows" : "paragraph", rank: 0, text });
  }

  /** Begins a table, perhaps within a cell. */
  openTable(): void {
    this.#endBlock();
    this.#tables.push({ rows: [], cellsBefore: this.#cell });
    this.#cell = undefined;
  }

  openRow(): void {
    this.#tables.at(-1)?.rows.push({ cells: [], isHeader: false });
  }

  /** Says that the open row names the columns. */
  markHeader(): void {
    const row = this.#tables.at(-1)?.rows.at(-1);
    if (row) row.isHeader = true;
  }

  openCell(): void {
    this.#endBlock();
    const rows = this.#tables.at(-1)?.rows;
    if (!rows) return;
    if (rows.length === 0) this.openRow();
    this.#cell = [];
    rows.at(-1)?.cells.push(this.#cell);
  }

  /** Says that the open cell is as wide as `columns`. */
  widenCell(columns: number): void {
    const row = this.#tables.at(-1)?.rows.at(-1);
    for (let more = 1; more < Math.min(columns, maxColumnsOfCell); more++) row?.cells.push([]);
  }

  closeCell(): void {
    this.#endBlock();
    this.#cell = undefined;
  }

  closeTable(): void {
    this.#endBlock();
    const table = this.#tables.pop();
    if (!table) return;
    this.#cell = table.cellsBefore;
    const rows = table.rows.filter(({ cells }) => cells.some((cell) => cell.length > 0));
    if (isLayout(rows)) for (const block of rows.flatMap(({ cells }) => cells.flat())) this.#add(block);
    else this.#add({ kind: "rows", rank: 0, text: tableLines(rows).join("\n") });
  }

  finish(): ParsedPart {
    while (this.#tables.length > 0) this.closeTable();
    this.#endBlock();
    return this.#part.finish();
  }

  #endBlock(): void {
    this.endParagraph();
    this.#endList();
  }

  #endList(): void {
    const lines = this.#items;
    if (lines.length === 0) return;
    this.#items = [];
    this.#add({ kind: "rows", rank: 0, text: lines.join("\n") });
  }

  #add(block: Flowed): void {
    if (this.#cell) this.#cell.push(block);
    else this.#part.add(block.kind, block.text, { rank: block.rank });
  }
}

const maxColumnsOfCell = 100;

/** Tables also place things side by side: what holds headings, long texts or other tables, or has one column only. */
function isLayout(rows: readonly TableRow[]): boolean {
  if (rows.every(({ cells }) => cells.length <= 1)) return true;
  return rows.some(({ cells }) =>
    cells.some((cell) =>
      cell.some(({ kind, text }) => kind === "heading" || isTable(kind, text) || text.length > maxCellChars),
    ),
  );
}

const isTable = (kind: Block["kind"], text: string) => kind === "rows" && text.includes("\t");

function tableLines(rows: readonly TableRow[]): string[] {
  const dense = rows.map(({ cells }) => cells.map((cell) => onOneLine(cell.map(({ text }) => text).join(" "))));
  const [first = [], ...rest] = dense;
  const plain = dense.map((row) => row.join("\t").trimEnd());
  const length = plain.reduce((sum, line) => sum + line.length, 0);
  if (length <= maxPlainTableChars) return plain;
  const isNamed = rows[0]?.isHeader && !rows[1]?.isHeader;
  if (!isNamed && !hasHeader(dense.map(toCells))) return plain;
  const names = new Map(toCells(first));
  return rest.map((row) => labelledLine(toCells(row), names));
}

const toCells = (row: readonly string[]) =>
  row.map((text, column): Cell => [column, text]).filter(([, text]) => text.length > 0);

/** Without soft hyphens, and without white space that shows nothing. */
function tidy(text: string): string {
  return clean(text)
    .replace(/\u00ad/g, "")
    .split("\n")
    .map((line) => line.replace(/[ \u00a0]+/g, " ").trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function tidyCode(text: string): string {
  return clean(text)
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}
