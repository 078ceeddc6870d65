import { decodeText } from "./decode.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { SheetWriter } from "./sheet-writer.ts";
import type { Cell } from "./table.ts";
import { wholeSource } from "./text.ts";

/** Reads values separated by commas, semicolons, tabs or bars (RFC 4180), whichever the file uses. */
export async function* parseCsv(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const text = decodeText(bytes, limits.maxChars);
  const sheet = new SheetWriter(limits.maxChars);
  for (const row of readRows(text, separatorOf(text))) sheet.addRow(row);
  yield* wholeSource(sheet.finish(), limits);
}

const separators = [",", ";", "\t", "|"];
const linesToJudge = 20;

/** The one that is there most evenly: its smallest count in the first lines is the greatest. */
export function separatorOf(text: string): string {
  const lines = text
    .slice(0, 65_536)
    .split("\n", linesToJudge)
    .map((line) => line.replace(/"[^"]*"/g, ""))
    .filter((line) => line.trim());
  const evenness = (separator: string) => {
    const counts = lines.map((line) => line.split(separator).length - 1);
    return Math.min(...counts) * 1000 + counts.reduce((sum, count) => sum + count, 0) / counts.length;
  };
  return separators.reduce((best, separator) => (evenness(separator) > evenness(best) ? separator : best));
}

/** Rows of values that are not empty. A quote that is never closed is an ordinary character. */
function* readRows(text: string, separator: string): Generator<Cell[]> {
  let row: Cell[] = [];
  let column = 0;
  for (let at = 0; at <= text.length; column++) {
    const { value, end } = readValue(text, at, separator);
    if (value) row.push([column, value]);
    at = end + 1;
    if (text[end] === separator) continue;
    yield row;
    row = [];
    column = -1;
  }
}

function readValue(text: string, start: number, separator: string): { value: string; end: number } {
  return (text[start] === '"' && readQuoted(text, start, separator)) || readBare(text, start, separator);
}

function readQuoted(text: string, start: number, separator: string): { value: string; end: number } | undefined {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return undefined;
    const next = text[at + 1];
    if (next === '"') continue;
    if (next !== undefined && next !== separator && next !== "\n") return undefined;
    return { value: text.slice(start + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
}

function readBare(text: string, start: number, separator: string): { value: string; end: number } {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
  return { value: text.slice(start, end).trim(), end };
}
