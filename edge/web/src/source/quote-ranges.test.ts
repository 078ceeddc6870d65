import { describe, expect, test } from "vitest";
import { findQuote } from "./quote-ranges.ts";

const none = new Set<number>();
const marked = (items: string[], quote: string, hinted: ReadonlySet<number> = none) =>
  findQuote(items, quote, hinted).map(({ item, start, end }) => items[item]?.slice(start, end));

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
    expect(findQuote(["Total net sales", "other", "Total net sales"], "Total net sales", new Set([2]))).toEqual([
      { item: 2, start: 0, end: 15 },
    ]);
  });

  test("keeps offsets in UTF-16 units past characters outside the basic plane", () => {
    expect(findQuote(["𝔘𝔫 tide"], "tide", none)).toEqual([{ item: 0, start: 5, end: 9 }]);
  });

  test("is marked in pieces where something stands between", () => {
    const items = ["Spring tides happen", "Page 3 of 12", "when the sun pulls."];
    expect(marked(items, "Spring tides happen when the sun pulls.", new Set([0, 2]))).toEqual([
      "Spring tides happen",
      "when the sun pulls.",
    ]);
    expect(marked(items, "Spring tides happen when the moon pulls.", new Set([0, 2]))).toEqual([
      "Spring tides happen",
      "when the",
    ]);
  });

  test("that the layer does not hold leaves the hinted items, or nothing", () => {
    expect(marked(["scanned", "noise"], "Spring tides happen", new Set([1]))).toEqual(["noise"]);
    expect(marked(["scanned", "noise"], "Spring tides happen")).toEqual([]);
  });
});
