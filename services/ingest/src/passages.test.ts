import { expect, test } from "vitest";
import { headingPathAt } from "./headings.ts";
import type { Block } from "./parsers/parsed.ts";
import { paragraphsOf } from "./parsers/text.ts";
import { cutPassages } from "./passages.ts";

const sentence = "The committee met again in the spring to weigh what had been found. ";
const cut = (text: string) =>
  cutPassages(text, paragraphsOf(text)).passages.map(({ start, end }) => text.slice(start, end));

/** Text with headings, written as `# title` lines with as many marks as their rank. */
function outline(source: string): { text: string; blocks: Block[] } {
  const blocks = paragraphsOf(source).map((block): Block => {
    const marks = /^#+/.exec(source.slice(block.start, block.end))?.[0].length ?? 0;
    return marks > 0 ? { ...block, kind: "heading", rank: marks } : block;
  });
  return { text: source, blocks };
}

test("a short document is one passage, whatever its paragraphs", () => {
  const text = `First.\n\n${sentence.repeat(18).trim()}\n\nLast.`;
  expect(text.length).toBeGreaterThan(1200);
  expect(cut(text)).toEqual([text]);
});

test("a long text is cut at paragraphs into pieces of a good size, without a crumb at the end", () => {
  const paragraph = sentence.repeat(6).trim();
  const text = Array(11).fill(paragraph).join("\n\n");
  const pieces = cut(text);
  for (const piece of pieces) {
    expect(piece.length).toBeGreaterThanOrEqual(400);
    expect(piece.length).toBeLessThanOrEqual(1500);
    expect(piece.startsWith("The committee") && piece.endsWith("found.")).toBe(true);
  }
  expect(pieces.join("\n\n")).toBe(text);
});

test("a sentence of millions of characters is cut in time linear in it", () => {
  const start = performance.now();
  const pieces = cut("word ".repeat(1_000_000).trim());
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(pieces.every((piece) => piece.length <= 1200)).toBe(true);
});

test("a paragraph too long for one passage is cut between sentences, evenly", () => {
  const pieces = cut(sentence.repeat(40).trim());
  expect(pieces.length).toBe(3);
  for (const piece of pieces) expect(piece.endsWith("found.")).toBe(true);
  expect(Math.min(...pieces.map(({ length }) => length))).toBeGreaterThan(600);
});

test("Chinese without spaces is cut between its sentences, at half the characters", () => {
  const chinese = "委员会在春天再次开会，讨论已经发现的问题。";
  const pieces = cut(chinese.repeat(80));
  for (const piece of pieces) {
    expect(piece.length).toBeGreaterThan(250);
    expect(piece.length).toBeLessThanOrEqual(750);
    expect(piece.endsWith("。")).toBe(true);
  }
  expect(pieces.join("")).toBe(chinese.repeat(80));
});

test("Thai, and text without any end, are cut too", () => {
  const thai = "ภาษาไทยไม่มีเครื่องหมายจบประโยค ".repeat(100);
  for (const text of [thai, "x".repeat(5_000), "😀".repeat(3_000)]) {
    const pieces = cut(text);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(1500);
      expect(piece.isWellFormed()).toBe(true);
    }
    expect(pieces.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  }
});

test("passages stand under their headings; a heading goes with what follows it", () => {
  const body = sentence.repeat(12).trim();
  const { text, blocks } = outline(`# Book\n\n## One\n\n${body}\n\n## Two\n\n### Deep\n\n${body}\n\n# End\n\n${body}`);
  const { passages, trail } = cutPassages(text, blocks);
  expect(passages.map(({ headingPath }) => headingPath)).toEqual([
    ["# Book", "## One"],
    ["# Book", "## Two", "### Deep"],
    ["# End"],
  ]);
  expect(passages.map(({ start, end }) => text.slice(start, end).split("\n")[0])).toEqual([
    "# Book",
    "## Two",
    "# End",
  ]);
  expect(trail).toEqual([{ rank: 1, title: "# End" }]);
});

test("the headings of the page before still hold", () => {
  const { passages } = cutPassages(
    "Words.",
    [{ kind: "paragraph", start: 0, end: 6, rank: 0 }],
    [{ rank: 1, title: "Part" }],
  );
  expect(passages).toEqual([{ start: 0, end: 6, headingPath: ["Part"], headings: [] }]);
});

test("small sections under one heading share a passage", () => {
  const long = sentence.repeat(14).trim();
  const { text, blocks } = outline(
    `# Words\n\n## A\n\nShort.\n\n## B\n\nShort too.\n\n# Other\n\n${long}\n\n# Third\n\n${long}`,
  );
  const { passages } = cutPassages(text, blocks);
  expect(passages.map(({ headingPath }) => headingPath)).toEqual([["# Words"], ["# Other"], ["# Third"]]);
  const [first] = passages;
  const pathOf = (words: string) => headingPathAt(first?.headings ?? [], text.indexOf(words) - (first?.start ?? 0));
  expect(pathOf("Short.")).toEqual(["# Words", "## A"]);
  expect(pathOf("Short too.")).toEqual(["# Words", "## B"]);
  expect(headingPathAt(passages[1]?.headings ?? [], 0)).toBeUndefined();
});

test("tables are cut between rows", () => {
  const text = Array.from({ length: 100 }, (_, row) => `Item ${row}\t${row * 17}\t${row * 23}\tin stock`).join("\n");
  for (const piece of cut(text)) expect(piece).toMatch(/^Item .*in stock$/s);
});

test("a list's items too long for one passage are cut between sentences", () => {
  const text = `- ${sentence.repeat(30).trim()}\n- ${sentence.repeat(30).trim()}`;
  const blocks: Block[] = [{ kind: "rows", start: 0, end: text.length, rank: 0 }];
  const pieces = cutPassages(text, blocks).passages.map(({ start, end }) => text.slice(start, end));
  expect(pieces.length).toBeGreaterThan(3);
  for (const piece of pieces) expect(piece.endsWith("found.")).toBe(true);
});

test("passages rise and never overlap, on any text", () => {
  const parts = [sentence, "\n\n", "短い。", "word ", "\n", "a\tb\tc\n", "é🙂 "];
  let seed = 7;
  for (let round = 0; round < 100; round++) {
    let text = "";
    while (text.length < round * 60) {
      seed = (seed * 48271) % 2147483647;
      text += parts[seed % parts.length];
    }
    let last = 0;
    for (const { start, end } of cutPassages(text, paragraphsOf(text)).passages) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(text.slice(last, start).trim()).toBe("");
      expect(end).toBeGreaterThan(start);
      last = end;
    }
    expect(text.slice(last).trim()).toBe("");
  }
});
