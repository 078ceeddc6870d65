import { expect, test } from "vitest";
import { DamagedSegmentError } from "./blob.ts";
import { searchWords as search } from "./search.ts";
import { openSegment, writeSegment } from "./segment.ts";
import { findHash, hashTerm } from "./term-hash.ts";
import { openVectors, writeVectors } from "./vectors.ts";

const searchWords = (...args: Parameters<typeof search>) => search(...args).hits;

const passages = [
  { text: "The mitochondrion makes energy", heading: "cells.pdf" },
  { text: "A ribosome makes protein", heading: "cells.pdf" },
];

test("a segment survives storage at any offset", () => {
  const blob = writeSegment(passages, "english");
  const moved = new Uint8Array(blob.length + 3);
  moved.set(blob, 3);
  expect(searchWords([openSegment(moved.subarray(3))], "ribosomes", 5)).toMatchObject([{ passage: 1 }]);
});

test("the same passages give the same bytes", () => {
  expect(writeSegment(passages, "english")).toEqual(writeSegment(passages, "english"));
});

test("damage is refused wherever it is", () => {
  for (const [blob, open] of [
    [writeSegment(passages, "english"), openSegment],
    [writeVectors([new Float32Array(16).fill(1)], 16), openVectors],
  ] as const) {
    for (let at = 0; at < blob.length; at++) {
      const damaged = blob.slice();
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => open(damaged), `byte ${at}`).toThrow(DamagedSegmentError);
    }
    for (const length of [0, 8, 48, blob.length - 8]) {
      expect(() => open(blob.slice(0, length))).toThrow(DamagedSegmentError);
    }
  }
});

test("postings are not taken for vectors", () => {
  expect(() => openVectors(writeSegment(passages, "english"))).toThrow(DamagedSegmentError);
});

test("a file has at most 65,535 passages", () => {
  expect(() => writeSegment(Array(65_536).fill({ text: "", heading: "" }), "english")).toThrow(RangeError);
});

test("hashes are 52-bit, and every one is found among its like", () => {
  const hashes = Float64Array.from({ length: 5000 }, (_, at) => hashTerm(`term${at}`)).sort();
  expect(new Set(hashes).size).toBe(5000);
  for (const [at, hash] of hashes.entries()) expect(findHash(hashes, hash)).toBe(at);
  expect(Number.isSafeInteger(hashes.at(-1))).toBe(true);
  expect(findHash(hashes, hashTerm("absent"))).toBe(-1);
  expect(findHash(new Float64Array(), 1)).toBe(-1);
});
