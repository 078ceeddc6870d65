import { expect, test } from "vitest";
import { splitSentences } from "./split-sentences.ts";

const cut = (text: string) => splitSentences(text).map(({ start, end }) => text.slice(start, end));

test("abbreviations, initials and numbers do not end a sentence", () => {
  expect(
    cut(
      'Dr. J. Smith went to the U.S. Senate on Jan. 5. He paid $3.50 (e.g. Fig. 3). "Yes!" she said. Apple Inc. sells phones.',
    ),
  ).toEqual([
    "Dr. J. Smith went to the U.S. Senate on Jan. 5.",
    "He paid $3.50 (e.g. Fig. 3).",
    '"Yes!"',
    "she said.",
    "Apple Inc. sells phones.",
  ]);
});

test("a company's name may end a sentence", () => {
  expect(cut("It was bought by Acme Inc. The price was low.")).toEqual([
    "It was bought by Acme Inc.",
    "The price was low.",
  ]);
});

test("wrapped lines belong together; list items, headings and paragraphs stand apart", () => {
  const text =
    "Overview\nThe program made in this first year of study was meant to be\nshort. It ran well.\n\n- one item\n- another\n1. First\n2. Second";
  expect(cut(text)).toEqual([
    "Overview",
    "The program made in this first year of study was meant to be\nshort.",
    "It ran well.",
    "- one item",
    "- another",
    "1. First",
    "2. Second",
  ]);
});

test("Chinese, Japanese and Hindi are cut at their own marks", () => {
  expect(cut("今天天气很好。我们去公园吧！你呢？")).toEqual(["今天天气很好。", "我们去公园吧！", "你呢？"]);
  expect(cut("नमस्ते। आप कैसे हैं? ठीक।")).toEqual(["नमस्ते।", "आप कैसे हैं?", "ठीक।"]);
});

test("German ordinals keep their month", () => {
  expect(cut("Er starb am 3. Oktober 1990. Danach war Ruhe.")).toEqual([
    "Er starb am 3. Oktober 1990.",
    "Danach war Ruhe.",
  ]);
});

test("Thai is cut at spaces into pieces one can quote", () => {
  const phrase = "ภาษาไทยไม่มีเครื่องหมายจบประโยค";
  const pieces = cut(Array(12).fill(phrase).join(" "));
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(160);
});

test("offsets rise, never overlap, and leave out only white space", () => {
  const text = "  A b.  C d!\n\n\tE f? 😀😀 G. ";
  let at = 0;
  for (const { start, end } of splitSentences(text)) {
    expect(text.slice(at, start).trim()).toBe("");
    expect(end).toBeGreaterThan(start);
    at = end;
  }
  expect(text.slice(at).trim()).toBe("");
});

test("nothing gives nothing, and a text without breaks is cut at a length", () => {
  expect(splitSentences("  \n ")).toEqual([]);
  expect(splitSentences("x".repeat(5000)).length).toBeGreaterThan(5);
});
