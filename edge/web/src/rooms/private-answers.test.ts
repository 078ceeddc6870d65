import { expect, test } from "vitest";
import { notePrivateAnswer, readPrivateAnswers, writePrivateAnswers } from "./private-answers.ts";

test("answers outlive a reload, for the same person only", () => {
  const stored = writePrivateAnswers(notePrivateAnswer(new Map(), "q1", "a1"), "ada");
  expect([...readPrivateAnswers(stored, "ada")]).toEqual([["q1", "a1"]]);
  expect([readPrivateAnswers(stored, "bob").size, readPrivateAnswers("{", "ada").size]).toEqual([0, 0]);
});

test("a question that is asked anew has its latest answer; one that is known leaves the very same map", () => {
  const answers = notePrivateAnswer(new Map([["q1", "a1"]]), "q1", "a2");
  expect(answers.get("q1")).toBe("a2");
  expect(notePrivateAnswer(answers, "q1", "a2")).toBe(answers);
});

test("only the latest are kept", () => {
  const many = Array.from({ length: 320 }, (_, index) => `q${index}`);
  const answers = many.reduce((known: ReadonlyMap<string, string>, id) => notePrivateAnswer(known, id, "a"), new Map());
  expect([answers.size, answers.has("q0"), answers.has("q319")]).toEqual([300, false, true]);
});
