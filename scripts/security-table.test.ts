import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const table = readFileSync(join(root, "SECURITY.md"), "utf8");
const rows = [...table.matchAll(/^\| (\d+\.\d+\.\d+) \| (.+?) \| (.*) \|$/gm)].map(([, number, state, text]) => ({
  number: number ?? "",
  state: state ?? "",
  text: text ?? "",
  tests: [...(text ?? "").matchAll(/`(\S+\.test\.ts)` — `([^`]+)`/g)].map(([, file = "", name = ""]) => ({
    file,
    name,
  })),
}));
const named = rows.flatMap(({ number, tests }) => tests.map(({ file, name }) => [number, file, name] as const));

test("the table of SECURITY.md has each requirement of its chapters once", () => {
  const numbers = rows.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
  const chapters = Object.groupBy(numbers, (number) => `V${number.split(".", 1)[0]}`);
  const counts = Object.fromEntries(Object.entries(chapters).map(([chapter, of]) => [chapter, of?.length]));
  expect(counts).toEqual({ V3: 9, V6: 35, V7: 18, V8: 7, V9: 7, V10: 29 });
});

test("what is met or partly met is shown by a test or has its reason, and nothing is said otherwise", () => {
  for (const { number, state, text } of rows) {
    expect(["met", "partly", "not", "n/a"], number).toContain(state);
    expect(text, number).not.toBe("");
  }
});

test.each(named)("%s: %s has the test “%s”", (_, file, name) => {
  expect(readFileSync(join(root, file), "utf8")).toContain(`"${name}"`);
});
