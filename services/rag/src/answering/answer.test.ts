import { expect, test } from "vitest";
import { toMark, toSentence, toText, toTitle } from "./answer.ts";

test("an answer's text puts quotes where their citations stand, and nothing of those that are gone", () => {
  const parts = [{ cite: 1 }, { say: toMark(1) }, { say: " " }, { cite: 2 }, { say: toMark(2) }];
  expect(toText(parts, new Map([[1, "One\n sentence."]]))).toBe("One sentence. [1] … [2]");
});

test("a quote becomes one line", () => {
  expect(toSentence(" a\r\n b\t c ")).toBe("a b c");
});

test("a title is the question, cut at a word", () => {
  expect(toTitle("Short?")).toBe("Short?");
  const title = toTitle("word ".repeat(40));
  expect(title).toMatch(/^(word )+word…$/);
  expect(title.length).toBeLessThanOrEqual(81);
  expect(toTitle("😀".repeat(60)).isWellFormed()).toBe(true);
});
