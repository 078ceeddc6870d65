import { expect, test } from "vitest";
import { chooseSentences, createCoverage, listCandidates, scoreOf } from "./choose-sentences.ts";

const asked = { content: "mitochondrion energy", weights: [2, 1] };
const source = (text: string, standings: number[] = []) => ({
  text,
  heading: "",
  language: "english" as const,
  standings,
});

test("coverage is the share of the telling words, weighed", () => {
  const { find, coverageOf } = createCoverage(asked, "english");
  const mitochondrion = find("The mitochondria and one mitochondrion.");
  expect(coverageOf(mitochondrion)).toBeCloseTo(2 / 3);
  expect(coverageOf(mitochondrion, find("Energies."), undefined)).toBe(1);
  expect(coverageOf(find("Nothing of it."))).toBe(0);
  const nothing = createCoverage({ content: "", weights: [] }, "english");
  expect(nothing.coverageOf(nothing.find("text"))).toBe(0);
});

test("every sentence is a candidate, but no question, heading or crumb", () => {
  const text = "Cells\n\nWhat does the mitochondrion make?\n\nThe mitochondrion is small. It makes energy. See it.";
  expect(listCandidates([source(text)], asked).map(({ start, end }) => text.slice(start, end))).toEqual([
    "The mitochondrion is small.",
    "It makes energy.",
  ]);
});

test("what the sentences around it name counts for a sentence", () => {
  const candidates = listCandidates([source("The mitochondrion is small. It makes energy.")], asked);
  expect(candidates[1]?.coverage).toBeCloseTo(1 / 3);
  expect(candidates[1]?.before).toBeCloseTo(2 / 3);
  expect(candidates[0]?.before).toBe(0);
  expect(candidates[0]?.after).toBeCloseTo(1 / 3);
});

test("the better the passage's rank, the better the sentence", () => {
  const [first, second] = listCandidates([source("It makes energy."), source("It makes energy.")], asked);
  if (!first || !second) throw new Error("Both are sentences.");
  expect(scoreOf(first, 0.5)).toBeGreaterThan(scoreOf(second, 0.5));
  expect(scoreOf(first, 0.9)).toBeGreaterThan(scoreOf(first, 0.1));
});

test("words that a file is about count for its sentences, but not as their own", () => {
  const [meant, other] = listCandidates(
    [source("It makes energy.", [0.9, 0]), source("It makes energy.", [0.5, 0])],
    asked,
  );
  expect(meant?.coverage).toBeCloseTo(1 / 3);
  expect(meant?.fromFile).toBeCloseTo(0.6);
  expect(other).toMatchObject({ coverage: meant?.coverage, fromFile: 0 });
  const scored = [other, meant].flatMap((candidate) =>
    candidate ? [{ ...candidate, score: 1, sentence: `${candidate.source}` }] : [],
  );
  expect(chooseSentences(scored, 1)).toMatchObject([{ source: 0 }]);
  const { coverageInFile, find } = createCoverage(asked, "english", [0.9, 0]);
  expect(coverageInFile(find("A mitochondrion."))).toBeCloseTo(2 / 3);
});

test("the best sentences are chosen, the same words once, ties in reading order", () => {
  const candidate = (source: number, start: number, score: number, sentence: string) => ({
    source,
    start,
    end: start + 1,
    coverage: 0,
    before: 0,
    after: 0,
    fromFile: 0,
    score,
    sentence,
  });
  const scored = [candidate(1, 0, 1, "b"), candidate(0, 5, 1, "a"), candidate(2, 0, 2, "A"), candidate(3, 0, 0, "c")];
  expect(chooseSentences(scored, 3).map(({ source }) => source)).toEqual([2, 1, 3]);
});
