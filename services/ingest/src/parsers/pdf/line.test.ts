import { expect, test } from "vitest";
import { readLines } from "./line.ts";
import type { Run } from "./run.ts";

const view = { width: 1_000_000, height: 800, transform: [1, 0, 0, 1, 0, 0] } as const;

function runAt(start: number, text: string): Run {
  const shape = {
    along: [1, 0],
    up: [0, -1],
    across: 100,
    size: 1,
    ascent: 0.8,
    descent: -0.2,
    rightToLeft: false,
  } as const;
  return { ...shape, text, origin: [start, 100], start, end: start + text.length * 0.5 };
}

test("runs are joined with a space over a gap and with a tab over a wide one, and words keep their places", () => {
  const [line, ...others] = readLines(
    [runAt(0, "a "), runAt(1.5, " b"), runAt(2.5, "c"), runAt(3.3, "d"), runAt(9, "e")],
    view,
  );
  expect(others).toEqual([]);
  expect(line).toMatchObject({ text: "a bc d\te", isRow: true, start: 0, end: 9.5 });
  expect(line?.words.map(({ start, end }) => line.text.slice(start, end))).toEqual(["a", "bc", "d", "e"]);
});

test("a line of two hundred thousand runs is read in time linear in it", () => {
  const began = performance.now();
  const lines = readLines(
    Array.from({ length: 200_000 }, (_, index) => runAt(index * 3, index % 2 ? "a" : "b ")),
    view,
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]?.text).toHaveLength(399_999);
  expect(performance.now() - began).toBeLessThan(10_000);
});
