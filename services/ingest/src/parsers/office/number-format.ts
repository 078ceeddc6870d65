/** How a sheet shows a number. */
export type NumberFormat = "number" | "percent" | "date" | "duration";

/** The kinds of Office's built-in formats (ECMA-376 part 1, 18.8.30) that are no plain numbers. */
const builtIn = new Map<number, NumberFormat>([
  ...[9, 10].map((id) => [id, "percent"] as const),
  ...[14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 47].map((id) => [id, "date"] as const),
  [46, "duration"],
]);

/** What a format of this id, or with this code, shows. */
export function numberFormat(id: number, code: string | undefined): NumberFormat {
  if (code === undefined) return builtIn.get(id) ?? "number";
  // Neither literal text nor colours and conditions say what it is.
  const bare = code
    .slice(0, 200)
    .toLowerCase()
    .replace(/"[^"]*"|\\.|_./g, "");
  if (/\[(h+|m+|s+)\]/.test(bare)) return "duration";
  const symbols = bare.replace(/\[[^\]]*\]|general/g, "");
  if (/[dyhms]/.test(symbols)) return "date";
  return symbols.includes("%") ? "percent" : "number";
}

const dayMs = 86_400_000;
/** Days from sheets' day 0 to 1970; programs that count from 1904 begin 1,462 days later. */
const epochDays = 25_569;
const daysTo1904 = 1_462;

/** A number as people read it: dates as ISO 8601 writes them, with a space before the time. */
export function formatNumber(value: string, format: NumberFormat, isFrom1904: boolean): string {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) return value;
  if (format === "percent") return `${trimNoise(number * 100)}%`;
  if (format === "duration") return clock(Math.round(number * 86_400));
  if (format === "date") return toDate(number + (isFrom1904 ? daysTo1904 : 0)) ?? trimNoise(number);
  return trimNoise(number);
}

/** Without what binary fractions leave in the last places. */
const trimNoise = (number: number) => String(Number(number.toPrecision(15)));

function toDate(days: number): string | undefined {
  if (days < 0 || days >= 2_958_466) return undefined;
  const seconds = Math.round((days % 1) * 86_400);
  if (days < 1) return clock(seconds);
  // Sheets believe that 1900 was a leap year.
  const day = Math.floor(days) + (days < 60 ? 1 : 0);
  const date = new Date((day - epochDays) * dayMs + seconds * 1000).toISOString();
  return seconds === 0 ? date.slice(0, 10) : date.slice(0, date.endsWith(":00.000Z") ? 16 : 19).replace("T", " ");
}

function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rest = seconds % 60 > 0 ? `:${two(seconds % 60)}` : "";
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}${rest}`;
}
