import { expect, test } from "vitest";
import { makeDocx, makeZip, wordParagraph } from "../testing/make-zip.ts";
import { reasonFor } from "../testing/read-parts.ts";
import { parseZipped } from "./zipped.ts";

const document = makeDocx(wordParagraph("Words."));

test("an archive that is no document is UNSUPPORTED, and nothing in it is unpacked", async () => {
  const inner = makeZip({ "word/document.xml": "<document/>" });
  expect(await reasonFor(parseZipped, makeZip({ "a.txt": "x", "inner.docx": inner }))).toBe("UNSUPPORTED");
  expect(await reasonFor(parseZipped, makeZip({ "../../word/document.xml": "<document/>" }))).toBe("CORRUPT");
});

test("what a small archive would grow to counts against the limit", async () => {
  const bomb = makeDocx(`<w:p>${" ".repeat(5_000_000)}</w:p>`);
  expect(bomb.length).toBeLessThan(100_000);
  expect(await reasonFor(parseZipped, bomb, { maxInflatedBytes: 1_000_000 })).toBe("TOO_LARGE");
});

test("an archive that lies about the size of an entry is CORRUPT before it has grown", async () => {
  const bomb = Buffer.from(makeDocx(`<w:p>${" ".repeat(5_000_000)}</w:p>`));
  const size = Buffer.alloc(4);
  for (let at = 0; at + 46 < bomb.length; at++) {
    // In its central directory, 24 bytes after the signature of each entry.
    if (bomb.readUInt32LE(at) !== 0x02014b50 || bomb.readUInt32LE(at + 24) < 5_000_000) continue;
    size.writeUInt32LE(100);
    size.copy(bomb, at + 24);
  }
  expect(await reasonFor(parseZipped, bomb, { maxInflatedBytes: 1_000_000 })).toBe("CORRUPT");
});

test("too many entries are TOO_LARGE", async () => {
  const many = makeZip(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}`, ""])));
  expect(await reasonFor(parseZipped, many, { maxArchiveEntries: 100 })).toBe("TOO_LARGE");
});

test("a protected archive is ENCRYPTED", async () => {
  const locked = Buffer.from(document);
  for (let at = 0; at + 10 < locked.length; at++) {
    if (locked.readUInt32LE(at) === 0x02014b50) locked[at + 8] = (locked[at + 8] ?? 0) | 1;
  }
  expect(await reasonFor(parseZipped, locked)).toBe("ENCRYPTED");
});

test("an archive cut off anywhere is CORRUPT, with bytes changed CORRUPT or read", async () => {
  for (let length = 10; length < document.length; length += 97)
    expect(await reasonFor(parseZipped, document.subarray(0, length))).toBe("CORRUPT");
  for (let at = 0; at < document.length; at += 23) {
    const changed = document.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    expect([undefined, "CORRUPT", "UNSUPPORTED", "NO_TEXT", "ENCRYPTED", "TOO_LARGE"]).toContain(
      await reasonFor(parseZipped, changed),
    );
  }
});
