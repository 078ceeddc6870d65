import { describe, expect, test } from "vitest";
import { findQuote, type ItemRange } from "./quote-ranges.ts";

const none = () => false;
const inItems =
  (...items: number[]) =>
  ({ item }: ItemRange) =>
    items.includes(item);
const marked = (items: string[], quote: string, isNear: (letter: ItemRange) => boolean = none) =>
  findQuote(items, quote, isNear).map(({ item, start, end }) => items[item]?.slice(start, end));

describe("a quote in a text layer", () => {
  test("is found inside one item", () => {
    expect(findQuote(["The tides follow the moon."], "follow the moon", none)).toEqual([
      { item: 0, start: 10, end: 25 },
    ]);
  });

  test("is found across items, whatever spaces and line ends lie between", () => {
    expect(
      marked(
        ["Before. Spring tides", " ", "happen when", "the sun pulls. After."],
        "Spring tides\nhappen when the sun pulls.",
      ),
    ).toEqual(["Spring tides", "happen when", "the sun pulls."]);
  });

  test("is found over hyphens at line ends, whether or not the quote keeps them", () => {
    const items = ["the infor-", "mation office"];
    expect(marked(items, "infor-\nmation office")).toEqual(["infor-", "mation office"]);
    expect(marked(items, "information office")).toEqual(["infor", "mation office"]);
  });

  test("is found over ligatures and soft hyphens", () => {
    expect(marked(["of\u00adfice ﬁles it"], "office files")).toEqual(["of\u00adfice ﬁles"]);
  });

  test("is found where the hints are if it stands in several places", () => {
    expect(findQuote(["Total net sales", "other", "Total net sales"], "Total net sales", inItems(2))).toEqual([
      { item: 2, start: 0, end: 15 },
    ]);
  });

  test("keeps offsets in UTF-16 units past characters outside the basic plane", () => {
    expect(findQuote(["𝔘𝔫 tide"], "tide", none)).toEqual([{ item: 0, start: 5, end: 9 }]);
  });

  test("is marked in pieces where something stands between", () => {
    const items = ["Spring tides happen", "Page 3 of 12", "when the sun pulls."];
    expect(marked(items, "Spring tides happen when the sun pulls.", inItems(0, 2))).toEqual([
      "Spring tides happen",
      "when the sun pulls.",
    ]);
    expect(marked(items, "Spring tides happen when the moon pulls.", inItems(0, 2))).toEqual([
      "Spring tides happen",
      "when the",
    ]);
  });

  test("is told from the same words on the same line", () => {
    const isNear = ({ start }: ItemRange) => start >= 12;
    expect(findQuote(["net sales | net sales"], "net sales", isNear)).toEqual([{ item: 0, start: 12, end: 21 }]);
  });

  test("that the layer does not hold leaves the near letters, or nothing", () => {
    const isNear = ({ item, start }: ItemRange) => item === 1 && start < 5;
    expect(marked(["scanned", "noise and more"], "Spring tides happen", isNear)).toEqual(["noise"]);
    expect(marked(["scanned", "noise"], "Spring tides happen")).toEqual([]);
  });
});
