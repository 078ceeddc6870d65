import type { Io } from "./io.ts";

/** Where a command says what it found: lines for people, or with `--json` JSON for programs. */
export type Output = {
  readonly json: boolean;
  /** A line for people. */
  line(text?: string): void;
  /** Text for people as it comes, without a line's end. */
  text(text: string): void;
  /** A JSON value on a line of its own. */
  record(value: unknown): void;
  /** What is being done now: shown on a terminal only, in the last line, until something else is. */
  progress(text: string): void;
  /** What went wrong, for people. */
  warn(text: string): void;
};

export function createOutput({ stdout, stderr }: Io, json: boolean): Output {
  const showsProgress = stderr.isTTY && !json;
  let shown = "";
  const progress = (text: string) => {
    if (!showsProgress || text === shown) return;
    shown = text;
    stderr.write(`\r\x1b[K${clean(text).slice(0, (stderr.columns || 80) - 1)}`);
  };
  return {
    json,
    line(text = "") {
      progress("");
      if (!json) stdout.write(`${clean(text)}\n`);
    },
    text(text) {
      progress("");
      if (!json) stdout.write(clean(text));
    },
    record(value) {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    progress,
    warn(text) {
      progress("");
      stderr.write(`${clean(text)}\n`);
    },
  };
}

/** Names and texts come from other people: none of them gets to steer the terminal. */
function clean(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, "").replace(/[\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** Rows with their columns aligned; those that hold numbers only to the right. */
export function toTable(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.map((_, index) => rows.map((row) => row[index] ?? "")) ?? [];
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  const isNumber = columns.map((cells) => cells.every((cell) => /^[\d.,]* ?(B|KiB|MiB|GiB)?$/.test(cell)));
  return rows.map((row) =>
    row
      .map((cell, index) => (isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
