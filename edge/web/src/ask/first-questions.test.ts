import { create } from "@bufbuild/protobuf";
import { DocumentPassageSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { toFirstQuestions } from "./first-questions.ts";

const passage = (text: string, headingPath: string[] = []) =>
  create(DocumentPassageSchema, { text, locator: { headingPath } });

test("the questions that stand in a document on lines of their own are offered, without their numbers", () => {
  const text =
    "The tides\n\n1. What makes the tides?\n\nThe moon does. Or does it?\n\n## Why two a day?\n\nHe asked: why?";
  expect(toFirstQuestions([passage(text), passage("(2) What makes the tides?")])).toEqual([
    "What makes the tides?",
    "Why two a day?",
  ]);
  expect(toFirstQuestions([passage("为什么每天有两次高潮和两次低潮？")])).toHaveLength(1);
});

test("many questions are thinned out evenly from the first to the last", () => {
  const lines = ["one", "two", "three", "four", "five"].map((word) => `What is number ${word}?`);
  expect(toFirstQuestions([passage(lines.join("\n"))])).toEqual([lines[0], lines[2], lines[4]]);
});

test("without questions of its own a document is asked about its headings, but for its title and mere numbers", () => {
  const passages = [
    passage("a", ["Cells"]),
    passage("b", ["Cells", "Mitochondria:"]),
    passage("c", ["Cells", "12"]),
    passage("d", ["Cells", "The nucleus"]),
  ];
  expect(toFirstQuestions(passages)).toEqual([
    "What does it say about “Mitochondria”?",
    "What does it say about “The nucleus”?",
  ]);
  expect(toFirstQuestions([passage("Text.", ["FORM 10-Q"])])).toEqual([]);
});
