import { create } from "@bufbuild/protobuf";
import { DocumentPassageSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { cutAtSections, toSections } from "./sections.ts";

type Place = { slide?: number; sheet?: string; headingPath?: string[] };

const at = (charStart: number, place: Place) =>
  create(DocumentPassageSchema, { locator: { charStart, charEnd: charStart + 10, ...place } });
const say = (...passages: ReturnType<typeof at>[]) =>
  toSections(passages).map(({ start, depth, name }) => `${start} ${"·".repeat(depth)}${name}`);

test("slides and sheets begin where their first passage does", () => {
  expect(say(at(0, { slide: 1 }), at(10, { slide: 1 }), at(20, { slide: 3 }))).toEqual(["0 Slide 1", "20 Slide 3"]);
  expect(say(at(0, { sheet: "2024", headingPath: ["2024"] }), at(40, { sheet: "2025" }))).toEqual([
    "0 2024",
    "40 2025",
  ]);
});

test("headings lie within one another, each named once", () => {
  const [tides, spring, neap] = [["Tides"], ["Tides", "Spring"], ["Tides", "Neap"]];
  const passages = [
    at(0, { headingPath: tides }),
    at(10, { headingPath: spring }),
    at(20, { headingPath: spring }),
    at(30, { headingPath: neap }),
  ];
  expect(say(...passages)).toEqual(["0 Tides", "10 ·Spring", "30 ·Neap"]);
});

test("a text is cut where slides begin, without losing a letter", () => {
  const sections = toSections([at(0, { slide: 1 }), at(4, { slide: 2, headingPath: ["Moon"] }), at(8, { slide: 3 })]);
  const parts = cutAtSections("bbbbcc", 4, sections);
  expect(parts.map(({ section, text }) => [section?.name, text])).toEqual([
    ["Slide 2", "bbbb"],
    ["Slide 3", "cc"],
  ]);
  expect(cutAtSections("ab", 2, sections)).toEqual([{ text: "ab" }]);
});
