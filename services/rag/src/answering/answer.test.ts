import { expect, test } from "vitest";
import { sentenceOf, toSentence, toText, toTitle, withoutCitations } from "./answer.ts";

const shown = (quotes: [number, string][], readable: number[] = []) => ({
  quotes: new Map(quotes),
  isReadable: (number: number) => readable.includes(number),
});

test("an answer's text puts quotes where their citations stand, and nothing of those that are gone", () => {
  const parts = [{ cite: 1 }, { mark: 1 }, { say: " " }, { cite: 2 }, { mark: 2 }];
  expect(toText(parts, shown([[1, "One\n sentence."]]))).toBe("One sentence. [1] … [2]");
});

test("a sentence of a model is shown to whoever may read a file that it rests on", () => {
  const parts = [{ say: "Hello." }, { say: " It is so.", cites: [1, 2] }, { mark: 1 }, { mark: 2 }];
  expect(toText(parts, shown([], [2]))).toBe("Hello. It is so. [1] [2]");
  expect(toText(parts, shown([], [3]))).toBe("Hello. … [1] [2]");
});

test("a citation supports the sentence that rests on it, or the quote itself", () => {
  const parts = [{ say: " It is so.", cites: [1, 2] }, { cite: 3 }];
  expect(sentenceOf(2, parts, "A quote.")).toBe("It is so.");
  expect(sentenceOf(3, parts, "A\nquote.")).toBe("A quote.");
});

test("what rests on nothing but citations that are gone goes with them", () => {
  const parts = [{ say: "A.", cites: [1] }, { say: " B.", cites: [1, 2] }, { say: " C." }, { cite: 1 }];
  expect(withoutCitations(parts, new Set([1]))).toEqual([{ say: "…" }, parts[1], parts[2], parts[3]]);
});

test("a quote becomes one line, without numbers that would point to a citation", () => {
  expect(toSentence(" a\r\n b\t c ")).toBe("a b c");
  expect(toSentence("As was shown [12], a[i] is b.")).toBe("As was shown (12), a[i] is b.");
});

test("a title is the question, cut at a word", () => {
  expect(toTitle("Short?")).toBe("Short?");
  const title = toTitle("word ".repeat(40));
  expect(title).toMatch(/^(word )+word…$/);
  expect(title.length).toBeLessThanOrEqual(81);
  expect(toTitle("😀".repeat(60)).isWellFormed()).toBe(true);
});
