import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { boxesBetween, packBoxes, packWords, unpackBoxes, unpackWords } from "./boxes.ts";

const line = (y: number, from: number) =>
  ["alpha", "beta", "gamma"].map((word, index) => ({
    start: from + index * 6,
    end: from + index * 6 + word.length,
    x: 0.1 + index * 0.1,
    y,
    width: 0.09,
    height: 0.02,
  }));
const words = [...line(0.1, 0), ...line(0.13, 18)];

test("words survive being packed, to a sixty-thousandth of the page", () => {
  const unpacked = unpackWords(packWords(words));
  expect(unpacked.map(({ start, end }) => [start, end])).toEqual(words.map(({ start, end }) => [start, end]));
  for (const [i, word] of unpacked.entries()) expect(word.x).toBeCloseTo(words[i]?.x ?? 0, 4);
});

test("damaged or swollen words are refused", () => {
  expect(() => unpackWords(gzipSync(Buffer.alloc(7)))).toThrow();
  expect(() => unpackWords(gzipSync(Buffer.alloc(20_000_000)))).toThrow();
  expect(() => unpackWords(Buffer.from("no gzip"))).toThrow();
});

test("a stretch of text gets one box a line", () => {
  const boxes = boxesBetween(words, 3, 0, 36);
  expect(boxes).toHaveLength(2);
  expect(boxes[0]).toMatchObject({ page: 3, x: 0.1, y: 0.1 });
  expect(boxes[0]?.width).toBeCloseTo(0.29);
});

test("a part of a word gets its share of the word's box", () => {
  const [box] = boxesBetween(words, 1, 7, 9);
  expect(box?.x).toBeCloseTo(0.2 + 0.09 / 4);
  expect(box?.width).toBeCloseTo(0.045);
});

test("words far apart on one line keep boxes of their own", () => {
  const apart = [words[0], { ...words[1], x: 0.8 }] as typeof words;
  expect(boxesBetween(apart, 1, 0, 12)).toHaveLength(2);
});

test("boxes survive being packed", () => {
  const boxes = boxesBetween(words, 5000, 0, 36);
  const unpacked = unpackBoxes(packBoxes(boxes));
  expect(unpacked).toHaveLength(2);
  expect(unpacked[1]?.page).toBe(5000);
  expect(unpacked[1]?.y).toBeCloseTo(0.13, 4);
});
