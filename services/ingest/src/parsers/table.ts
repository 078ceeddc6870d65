/** A cell that is not empty: its column, and its text on one line. */
export type Cell = readonly [column: number, text: string];

/** Rows are judged by as many as these after the first. */
export const rowsToJudge = 20;

const maxNameLength = 60;

/**
 * True if the first row names the columns: short, different names that are no values, above all columns, and below them
 * something else, such as numbers. Two columns of words alone may be a vocabulary, whose first row is like any other.
 */
export function hasHeader([names = [], ...rows]: readonly (readonly Cell[])[]): boolean {
  const sample = rows.slice(0, rowsToJudge).filter((row) => row.length > 0);
  if (names.length < 2 || sample.length === 0) return false;
  const cells = sample.flat();
  const yearColumns = new Set(cells.filter(([, text]) => isYear(text)).map(([column]) => column));
  const areNames = names.every(([column, name]) => isName(name) || (isYear(name) && !yearColumns.has(column)));
  if (!areNames || new Set(names.map(([, name]) => name)).size < names.length) return false;
  const columns = new Set(names.map(([column]) => column));
  if (cells.filter(([column]) => columns.has(column)).length < cells.length * 0.8) return false;
  const values = cells.filter(([, text]) => isValue(text)).length;
  return values >= cells.length * 0.1 || names.length > 3 || meanLength(cells) > 2 * meanLength(names);
}

const isName = (text: string) => text.length <= maxNameLength && !isValue(text) && !/[.!?。]$/.test(text);

const isYear = (text: string) => /^(19|20)\d\d$/.test(text);

/** Numbers, with what stands around them, and dates. */
const isValue = (text: string) => /^[^\p{L}]*\d[^\p{L}]*\p{L}{0,3}$/u.test(text.slice(0, maxNameLength));

const meanLength = (cells: readonly Cell[]) =>
  cells.reduce((sum, [, text]) => sum + text.length, 0) / Math.max(1, cells.length);

/** A row as a line that can be read alone: each value beside its column's name. */
export function labelledLine(row: readonly Cell[], names: ReadonlyMap<number, string>): string {
  return row.map(([column, text]) => (names.has(column) ? `${names.get(column)}: ${text}` : text)).join("; ");
}

/** A row as a line of values. */
export const plainLine = (row: readonly Cell[]): string => row.map(([, text]) => text).join("\t");

/** A cell's text on one line. */
export const onOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
