import { expect, test } from "vitest";
import { holdsAnswer, ndcg, recall } from "./metrics.ts";

const grades = new Map([
  ["a", 1],
  ["b", 1],
]);

test("nDCG is 1 for the ideal order, falls with the rank and is 0 without a hit", () => {
  expect(ndcg(["a", "b", "c"], grades)).toBe(1);
  expect(ndcg(["c", "a", "b"], grades)).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(4)) / (1 + 1 / Math.log2(3)));
  expect(ndcg(["c"], grades)).toBe(0);
  expect(ndcg(["c", "d", "a"], grades, 2)).toBe(0);
});

test("recall counts the relevant documents within the depth", () => {
  expect(recall(["a", "c", "b"], grades, 2)).toBe(0.5);
  expect(recall(["a", "b"], grades, 2)).toBe(1);
});

test("an answer is found whatever its case and spacing", () => {
  expect(holdsAnswer("at New  and full\nmoon", ["new and full moon"])).toBe(true);
  expect(holdsAnswer("at half moon", ["new moon", "full moon"])).toBe(false);
});
