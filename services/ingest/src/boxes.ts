import { gunzipSync, gzipSync } from "node:zlib";
import type { Word } from "./parsers/parsed.ts";

/** A rectangle on a page, as fractions of its width and height from its top left. */
export type PageBox = {
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

const full = 65535;
const wordBytes = 14;
const maxWords = 500_000;

/** Packs a page's words, column by column so that it compresses: a few bytes a word. */
export function packWords(words: readonly Word[]): Buffer {
  const bytes = Buffer.alloc(4 + words.length * wordBytes);
  bytes.writeUInt32LE(words.length, 0);
  const columns = columnsOf(words.length);
  for (const [i, word] of words.entries()) {
    bytes.writeUInt32LE(word.start, columns.start + i * 4);
    bytes.writeUInt16LE(Math.min(full, word.end - word.start), columns.length + i * 2);
    bytes.writeUInt16LE(Math.round(word.x * full), columns.x + i * 2);
    bytes.writeUInt16LE(Math.round(word.y * full), columns.y + i * 2);
    bytes.writeUInt16LE(Math.round(word.width * full), columns.width + i * 2);
    bytes.writeUInt16LE(Math.round(word.height * full), columns.height + i * 2);
  }
  return gzipSync(bytes);
}

/** Reads what `packWords` wrote. Throws on anything else, and on more than a page can hold. */
export function unpackWords(packed: Uint8Array): Word[] {
  const bytes = gunzipSync(packed, { maxOutputLength: 4 + maxWords * wordBytes });
  const count = bytes.readUInt32LE(0);
  if (bytes.length !== 4 + count * wordBytes) throw new RangeError("The words of this page are damaged.");
  const columns = columnsOf(count);
  return Array.from({ length: count }, (_, i) => {
    const start = bytes.readUInt32LE(columns.start + i * 4);
    return {
      start,
      end: start + bytes.readUInt16LE(columns.length + i * 2),
      x: bytes.readUInt16LE(columns.x + i * 2) / full,
      y: bytes.readUInt16LE(columns.y + i * 2) / full,
      width: bytes.readUInt16LE(columns.width + i * 2) / full,
      height: bytes.readUInt16LE(columns.height + i * 2) / full,
    };
  });
}

function columnsOf(count: number) {
  const length = 4 + count * 4;
  const column = (index: number) => length + count * 2 * index;
  return { start: 4, length, x: column(1), y: column(2), width: column(3), height: column(4) };
}

/** The rectangles that cover the characters from `start` to `end` of a page, a line's words joined. */
export function boxesBetween(words: readonly Word[], page: number, start: number, end: number): PageBox[] {
  const boxes: PageBox[] = [];
  for (const word of words) {
    if (word.end <= start || word.start >= end) continue;
    const box = { page, ...cutWord(word, start, end) };
    const last = boxes[boxes.length - 1];
    if (last && isSameLine(last, box)) boxes[boxes.length - 1] = union(last, box);
    else boxes.push(box);
  }
  return boxes;
}

/** The part of a word's box that the characters between `start` and `end` take, all being of one width. */
function cutWord(word: Word, start: number, end: number) {
  const length = word.end - word.start;
  const from = Math.max(0, start - word.start) / length;
  const to = Math.min(length, end - word.start) / length;
  return { x: word.x + word.width * from, y: word.y, width: word.width * (to - from), height: word.height };
}

function isSameLine(a: PageBox, b: PageBox): boolean {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (overlap < Math.min(a.height, b.height) * 0.5) return false;
  const gap = Math.max(b.x - (a.x + a.width), a.x - (b.x + b.width));
  return gap < Math.max(a.height, b.height) * 1.5;
}

function union(a: PageBox, b: PageBox): PageBox {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    page: a.page,
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

const boxBytes = 12;

/** Packs boxes, 12 bytes each. */
export function packBoxes(boxes: readonly PageBox[]): Buffer {
  const bytes = Buffer.alloc(boxes.length * boxBytes);
  for (const [i, box] of boxes.entries()) {
    bytes.writeUInt32LE(box.page, i * boxBytes);
    for (const [j, value] of [box.x, box.y, box.width, box.height].entries()) {
      bytes.writeUInt16LE(Math.round(Math.min(1, Math.max(0, value)) * full), i * boxBytes + 4 + j * 2);
    }
  }
  return bytes;
}

/** Reads what `packBoxes` wrote. */
export function unpackBoxes(packed: Uint8Array): PageBox[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const fraction = (at: number) => bytes.readUInt16LE(at) / full;
  return Array.from({ length: Math.floor(bytes.length / boxBytes) }, (_, i) => {
    const at = i * boxBytes;
    const [x, y, width, height] = [fraction(at + 4), fraction(at + 6), fraction(at + 8), fraction(at + 10)];
    return { page: bytes.readUInt32LE(at), x, y, width, height };
  });
}
