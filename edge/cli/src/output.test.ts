import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Io } from "./io.ts";
import { createOutput, toTable } from "./output.ts";
import { saySize } from "./say-size.ts";

function makeTerminal(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 20 });
  const stdout = new PassThrough();
  const shown = () => [String(stdout.read() ?? ""), String(stderr.read() ?? "")];
  return { io: { stdout, stderr } as unknown as Io, shown };
}

test("progress is one line that gives way to what is said", () => {
  const { io, shown } = makeTerminal(true);
  const output = createOutput(io, false);
  output.progress("reading");
  output.progress("reading");
  output.progress("a line longer than the terminal is wide");
  output.line("done");
  expect(shown()).toEqual(["done\n", "\r\x1b[Kreading\r\x1b[Ka line longer than \r\x1b[K"]);
});

test("there is no progress without a terminal, and for programs only JSON", () => {
  const { io, shown } = makeTerminal(false);
  const output = createOutput(io, false);
  output.progress("reading");
  output.record({ a: 1 });
  expect(shown()).toEqual(["", ""]);
  const json = createOutput(makeTerminal(true).io, true);
  json.progress("reading");
  const programs = makeTerminal(true);
  const records = createOutput(programs.io, true);
  records.line("for people");
  records.record({ a: 1 });
  expect(programs.shown()).toEqual(['{"a":1}\n', ""]);
});

test("no name or text steers the terminal", () => {
  const { io, shown } = makeTerminal(false);
  const output = createOutput(io, false);
  output.line("a\x1b[2Jb\x07c\u009bd\u202ee\tf\rg");
  output.warn("\x1b]0;title\x07");
  expect(shown()).toEqual(["a[2Jbcde\tfg\n", "]0;title\n"]);
});

test("columns are aligned, those of numbers to the right", () => {
  expect(
    toTable([
      ["a", "9 B", "x"],
      ["bcd", "10.5 KiB", "yy"],
    ]),
  ).toEqual(["a         9 B  x", "bcd  10.5 KiB  yy"]);
  expect(toTable([])).toEqual([]);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [5 * 1024 ** 3, "5.0 GiB"],
])("%d bytes are %s", (bytes, said) => {
  expect(saySize(bytes)).toBe(said);
});
