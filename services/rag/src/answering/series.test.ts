import { expect, test } from "vitest";
import type { ReadPassage } from "../retrieval.ts";
import { findNewest } from "./series.ts";

const passagesOf = (...names: string[]) => names.map((name) => ({ file: { name } }) as unknown as ReadPassage);
const newestOf = (names: string[], question: string) =>
  [...findNewest(passagesOf(...names), question)].map(({ file }) => file.name);

test.each([
  [["2023 Q1 Acme.pdf", "2022 Q3 Acme.pdf", "2022 Q3 Other.pdf"], "2023 Q1 Acme.pdf"],
  [["minutes-2024-05-30.docx", "minutes-2024-11-02.docx"], "minutes-2024-11-02.docx"],
  [["Protokoll 31.01.2024.odt", "Protokoll 01.12.2023.odt"], "Protokoll 31.01.2024.odt"],
  [["notes20240102.md", "notes20231231.md"], "notes20240102.md"],
  [["Lecture 9.pptx", "Lecture 10.pptx"], "Lecture 10.pptx"],
])("of %j, the newest is known by its name", (names, newest) => {
  expect(newestOf(names, "What do the latest ones say?")).toEqual([newest]);
  expect(newestOf(names, "Was steht im neuesten?")).toEqual([newest]);
});

test("nothing is newest where it is not asked for, or names are ids or stand alone", () => {
  const names = ["2023 Q1 Acme.pdf", "2022 Q3 Acme.pdf"];
  expect(newestOf(names, "What was the profit?")).toEqual([]);
  expect(newestOf(["m46574.md", "m46999.md"], "What is the latest stage?")).toEqual([]);
  expect(newestOf(["a.md", "b 1.md"], "What is the latest stage?")).toEqual([]);
});
