import { expect, test } from "vitest";
import { toWindow } from "./text-window.ts";

const lines = Array.from({ length: 40_000 }, (_, number) => `line ${number}`).join("\n");

test("a short text is shown whole, the cited characters apart", () => {
  expect(toWindow("one two three", { start: 4, end: 7 }, { before: 0, after: 0 })).toEqual({
    from: 0,
    to: 13,
    before: "one ",
    marked: "two",
    after: " three",
  });
});

test("a long text is cut at line ends around the cited characters and widens by steps", () => {
  const start = lines.indexOf("line 20000");
  const view = toWindow(lines, { start, end: start + 10 }, { before: 0, after: 0 });
  expect(view.marked).toBe("line 20000");
  expect(view.before.startsWith("line ")).toBe(true);
  expect(view.after.split("\n").at(-1)).toMatch(/^line \d+$/);
  expect(view.before + view.marked + view.after).toBe(lines.slice(view.from, view.to));
  const wider = toWindow(lines, { start, end: start + 10 }, { before: 9, after: 9 });
  expect([wider.from, wider.to]).toEqual([0, lines.length]);
});

test("a range outside the text marks nothing", () => {
  expect(toWindow("short", { start: 90, end: 99 }, { before: 0, after: 0 }).marked).toBe("");
  expect(toWindow("short", { start: 0, end: 0 }, { before: 0, after: 0 }).marked).toBe("");
});
