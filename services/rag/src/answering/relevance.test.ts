import { expect, test } from "vitest";
import { isRelevant } from "./relevance.ts";

const found = {
  passageCoverage: 0.6,
  sentenceScore: 0.6,
  hasCosine: true,
  text: "A sentence.",
  language: "english" as const,
};

test("a passage and a sentence that cover most of a question are relevant", () => {
  expect(isRelevant(found)).toBe(true);
});

test("one word in common is not", () => {
  expect(isRelevant({ ...found, passageCoverage: 0.2, sentenceScore: 0.4 })).toBe(false);
  expect(isRelevant({ ...found, passageCoverage: 0.2, sentenceScore: 0.3, hasCosine: false })).toBe(false);
});

test("less is asked of languages in which less matches word for word", () => {
  const little = { ...found, hasCosine: false, passageCoverage: 0.25, sentenceScore: 0.3 };
  expect(isRelevant({ ...little, text: "今天天气很好。" })).toBe(true);
  expect(isRelevant({ ...little, passageCoverage: 0.3, language: "german" })).toBe(true);
  expect(isRelevant(little)).toBe(false);
});
