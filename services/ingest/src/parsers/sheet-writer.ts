import { clean } from "./decode.ts";
import type { ParsedPart } from "./parsed.ts";
import { PartWriter } from "./part-writer.ts";
import { type Cell, hasHeader, labelledLine, onOneLine, plainLine, rowsToJudge } from "./table.ts";

/**
 * Writes a sheet row by row. An empty row ends a table; in a table with names above its columns every row says them, so that a
 * passage from the middle of a long sheet can be understood.
 */
export class SheetWriter {
  readonly #part: PartWriter;
  /** Rows that wait until it is known whether the first one names the columns. */
  #waiting: Cell[][] = [];
  #names: ReadonlyMap<number, string> | undefined;
  #lastNames: ReadonlyMap<number, string> | undefined;
  #lines: string[] = [];
  #chars = 0;
  #isJudged = false;
  #isContinued = false;
  #isBlank = true;

  constructor(maxChars: number, title = "") {
    this.#part = new PartWriter(maxChars);
    this.#part.add("heading", onOneLine(title), { rank: 1 });
  }

  /** True as long as no row with anything in it was added. */
  get isBlank(): boolean {
    return this.#isBlank;
  }

  /** Adds a row's cells in the order of their columns. */
  addRow(cells: readonly Cell[]): void {
    const row = cells
      .map(([column, text]): Cell => [column, onOneLine(clean(text))])
      .filter(([, text]) => text.length > 0);
    if (row.length === 0) this.#endTable();
    else if (this.#isJudged) this.#write(row);
    else this.#wait(row);
  }

  #wait(row: Cell[]): void {
    this.#isBlank = false;
    // A few lone cells above a table are its title.
    if (row.length > 1 && this.#waiting.length <= maxTitleRows && this.#waiting.every((above) => above.length === 1)) {
      for (const title of this.#waiting.splice(0)) this.#part.add("paragraph", plainLine(title));
    }
    this.#waiting.push(row);
    if (this.#waiting.length > rowsToJudge) this.#judge();
  }

  finish(): ParsedPart {
    this.#endTable();
    return this.#part.finish();
  }

  #judge(): void {
    this.#isJudged = true;
    const rows = this.#waiting;
    this.#waiting = [];
    if (hasHeader(rows)) this.#names = new Map(rows.shift());
    else if (rows.every((row) => row.length > 1 && row.every(([column]) => this.#lastNames?.has(column)))) {
      // An empty row within a table.
      this.#names = this.#lastNames;
    }
    for (const row of rows) this.#write(row);
  }

  #write(row: readonly Cell[]): void {
    const line = this.#names ? labelledLine(row, this.#names) : plainLine(row);
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars >= charsPerBlock) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#part.add("rows", this.#lines.join("\n"), { tight: this.#isContinued });
    this.#lines = [];
    this.#chars = 0;
    this.#isContinued = true;
  }

  #endTable(): void {
    if (!this.#isJudged) this.#judge();
    this.#flush();
    this.#lastNames = this.#names ?? this.#lastNames;
    this.#names = undefined;
    this.#isJudged = false;
    this.#isContinued = false;
  }
}

const charsPerBlock = 100_000;
const maxTitleRows = 3;
