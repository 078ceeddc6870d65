import { expect, test } from "vitest";
import { cutAround, toWords } from "./snippet.ts";

const filler = "word ".repeat(100).trim();

test("short texts are shown whole, on one line", () => {
  expect(cutAround("Neap\n\ntides  follow.", "tides")).toBe("Neap tides follow.");
});

test("long texts are cut around the first word looked for, between words", () => {
  const snippet = cutAround(`${filler} Neap tides follow. ${filler}`, "of neap tides");
  expect(snippet).toMatch(/^… word .*Neap tides follow\. .*word …$/);
  expect(snippet.length).toBeLessThan(300);
  expect(cutAround(`Tides. ${filler}`, "tides")).toMatch(/^Tides\. .*word …$/);
  expect(cutAround(`${filler} tides`, "tides")).toMatch(/^… .*word tides$/);
  expect(cutAround(filler, "absent")).toMatch(/^word .*word …$/);
});

test("words of one or two letters are marked only where there are no others, or where they are no Latin letters", () => {
  expect(toWords("What is a tide?")).toEqual(["What", "tide"]);
  expect(toWords("is it")).toEqual(["is", "it"]);
  expect(toWords("潮 汐")).toEqual(["潮", "汐"]);
});
