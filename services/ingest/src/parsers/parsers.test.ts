import { expect, test } from "vitest";
import { defaultLimits } from "../parsing/limits.ts";
import { parseMarkdown } from "./markdown.ts";
import type { Block, ParsedPart, ParseEvent } from "./parsed.ts";
import { sniffSource } from "./sniff.ts";
import { parseCode, parseText } from "./text.ts";

const limits = { ...defaultLimits, maxPages: 10, maxChars: 1000, pagesPerSlice: 4 };

async function partOf(events: AsyncIterable<ParseEvent>): Promise<ParsedPart> {
  for await (const event of events) if (event.kind === "part") return event.part;
  throw new Error("No part came.");
}

const bytes = (text: string, encoding: BufferEncoding = "utf8") => new Uint8Array(Buffer.from(text, encoding));
const textOf = async (content: Uint8Array) => (await partOf(parseText(content, limits))).text;
const cut = ({ text }: ParsedPart, { kind, start, end, rank }: Block) => [kind, rank, text.slice(start, end)];
const blocksOf = (part: ParsedPart) => part.blocks.map((block) => cut(part, block));

test("text is read as UTF-8, UTF-16 or Windows-1252", async () => {
  const text = "Größe – naïve";
  const swapped = Buffer.from(`\ufeff${text}`, "utf16le").swap16();
  expect(await textOf(bytes(text))).toBe(text);
  expect(await textOf(bytes(`\ufeff${text}`))).toBe(text);
  expect(await textOf(bytes(`\ufeff${text}`, "utf16le"))).toBe(text);
  expect(await textOf(new Uint8Array(swapped))).toBe(text);
  expect(await textOf(bytes("plain words, no mark", "utf16le"))).toBe("plain words, no mark");
  expect(await textOf(bytes("Größe", "latin1"))).toBe("Größe");
});

test("text in encodings of old is read as the language it looks like", async () => {
  const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
  const japanese =
    "8df0 96e9 82cc 8352 8393 8354 815b 8367 82cd 8dc5 8d82 82c5 82b5 82bd 8142 8e9f 89f1 82e0 8a79 82b5 82dd 82c5 82b7 8142";
  expect(await textOf(hex(japanese))).toBe("昨夜のコンサートは最高でした。次回も楽しみです。");
  const chinese = "d1a7 cfb0 cac7 d2bb b8f6 d1ad d0f2 bda5 bdf8 b5c4 b9fd b3cc a1a3";
  expect(await textOf(hex(chinese))).toBe("学习是一个循序渐进的过程。");
  expect(await textOf(bytes("\u001b$B;~\u001b(B"))).toBe("時");
  expect(await textOf(bytes("\u0093Hello\u0094 \u0096 it\u0092s 5 \u0080", "latin1"))).toBe("“Hello” – it’s 5 €");
});

test("damaged UTF-8 stays UTF-8", async () => {
  const damaged = Buffer.concat([Buffer.from("Größe der Straße, schöne "), Buffer.from([0xff]), Buffer.from("Grüße")]);
  expect(await textOf(new Uint8Array(damaged))).toBe("Größe der Straße, schöne \ufffdGrüße");
});

test("text stays verbatim but for line ends and characters no database takes", async () => {
  expect(await textOf(bytes("a\r\nb\rc\0d\u0007\tz  \n"))).toBe("a\nb\ncd\tz  \n");
});

test("paragraphs are parted by blank lines, or by the ends of long lines", async () => {
  const long = "word ".repeat(60).trim();
  const part = await partOf(parseText(bytes(`One\nwrapped.\n \n${long}\n${long}\n\n\na\tb\nc\td`), limits));
  expect(blocksOf(part)).toEqual([
    ["paragraph", 0, "One\nwrapped."],
    ["paragraph", 0, long],
    ["paragraph", 0, long],
    ["rows", 0, "a\tb\nc\td"],
  ]);
});

test("Markdown becomes its words, with headings, tables, lists and code", async () => {
  const source = `---
title: Front
---
# Title *here*

Some **bold** [link](https://example.org/x) and \`code\`
on two lines. ![A picture](x.png)

Sub
---

| a | b |
|---|---|
| 1 | 2 |

- one
  - nested
- two

3. three

\`\`\`js
let x = 1;
\`\`\`

> Quoted.

<div>Inside <b>HTML</b><script>alert(1)</script></div>`;
  const part = await partOf(parseMarkdown(bytes(source), limits));
  expect(blocksOf(part)).toEqual([
    ["rows", 0, "title: Front"],
    ["heading", 1, "Title here"],
    ["paragraph", 0, "Some bold link and code on two lines. A picture"],
    ["heading", 2, "Sub"],
    ["rows", 0, "a\tb\n1\t2"],
    ["rows", 0, "- one\n  - nested\n- two"],
    ["rows", 0, "3. three"],
    ["rows", 0, "let x = 1;"],
    ["paragraph", 0, "Quoted."],
    ["paragraph", 0, "Inside HTML"],
  ]);
});

test("source code stays verbatim, and is cut between lines only", async () => {
  const source = "import x\n\n\ndef f(a):\n    return a\n\n    # end\n";
  const part = await partOf(parseCode(bytes(source), limits));
  expect(part.text).toBe(source);
  expect(blocksOf(part)).toEqual([
    ["rows", 0, "import x"],
    ["rows", 0, "def f(a):\n    return a"],
    ["rows", 0, "    # end"],
  ]);
});

test("nothing but white space is EMPTY, too much is TOO_LARGE", async () => {
  await expect(textOf(bytes(" \n\t"))).rejects.toMatchObject({ reason: "EMPTY" });
  await expect(textOf(bytes("x".repeat(1001)))).rejects.toMatchObject({ reason: "TOO_LARGE" });
  // Longer than any string can be.
  await expect(textOf(new Uint8Array(2 ** 29 + 100))).rejects.toMatchObject({ reason: "TOO_LARGE" });
});

test("bytes decide what a file is, whatever it is called", () => {
  expect(sniffSource(bytes("%PDF-1.4"), "text/plain")).toBe("pdf");
  expect(sniffSource(bytes("# Words"), "text/markdown")).toBe("markdown");
  expect(sniffSource(bytes("Größe", "latin1"), "application/octet-stream")).toBe("text");
  const reasonOf = (content: Uint8Array, mediaType: string) => {
    try {
      return sniffSource(content, mediaType);
    } catch (error) {
      return (error as { reason?: string }).reason;
    }
  };
  expect(reasonOf(bytes(""), "text/plain")).toBe("EMPTY");
  expect(reasonOf(bytes("words"), "application/pdf")).toBe("CORRUPT");
  expect(sniffSource(bytes("PK\u0003\u0004zip"), "text/plain")).toBe("zipped");
  expect(sniffSource(bytes("<html><p>x"), "text/plain")).toBe("html");
  expect(sniffSource(new Uint8Array(Buffer.from("\ufeff<html><p>x", "utf16le")), "text/plain")).toBe("html");
  expect(sniffSource(bytes("a,b"), "text/csv; charset=utf-8")).toBe("csv");
  expect(sniffSource(bytes("x = 1"), "text/x-python")).toBe("code");
  expect(sniffSource(bytes("{}"), "application/json")).toBe("code");
  expect(sniffSource(bytes("<feed/>"), "application/atom+xml")).toBe("code");
  expect(sniffSource(bytes("<svg/>"), "image/svg+xml")).toBe("svg");
  expect(sniffSource(bytes("{\\rtf1"), "text/plain")).toBe("rtf");
  expect(sniffSource(new Uint8Array(Buffer.from("d0cf11e0a1b11ae1", "hex")), "text/plain")).toBe("compound");
  expect(reasonOf(bytes("\0\u0001binary"), "application/octet-stream")).toBe("UNSUPPORTED");
  expect(reasonOf(bytes("\u001f\u008b", "latin1"), "application/gzip")).toBe("UNSUPPORTED");
  expect(reasonOf(bytes("{}"), "image/png")).toBe("UNSUPPORTED");
});

test("hostile text takes no more than linear time", async () => {
  const wide = { ...limits, maxChars: 10_000_000 };
  const start = performance.now();
  for (const content of [" ".repeat(1_000_000), "<".repeat(200_000), "\n ".repeat(200_000), "|".repeat(50_000)]) {
    await partOf(parseText(bytes(`${content}x`), wide));
  }
  await partOf(parseMarkdown(bytes(`<div>\n${"<".repeat(200_000)}`), wide));
  expect(performance.now() - start).toBeLessThan(10_000);
});
