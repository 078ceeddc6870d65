import { readdir } from "node:fs/promises";
import { makePdf, tempFolder } from "@lyceum/testing";
import { afterEach, expect, test } from "vitest";
import { ParseFailure } from "../parsers/failure.ts";
import { makeCompound } from "../testing/make-compound.ts";
import { makeDocx, makePptx, makeXlsx, slideShape, wordParagraph } from "../testing/make-zip.ts";
import { bombPdf, onePagePdf } from "../testing/one-page-pdf.ts";
import { defaultLimits, type ParsingLimits } from "./limits.ts";
import { openParserPool, type ParserPool, parseChildEntry } from "./parser-pool.ts";

const loopingChild = new URL("../testing/looping-child.ts", import.meta.url);
const never = new AbortController().signal;
const pools: { pool: ParserPool; folder: string }[] = [];

afterEach(async () => {
  for (const { pool } of pools.splice(0)) await pool[Symbol.asyncDispose]();
});

async function openPool(limits: Partial<ParsingLimits> = {}, entry = parseChildEntry): Promise<ParserPool> {
  const folder = await tempFolder();
  const pool = await openParserPool(folder, { ...defaultLimits, ...limits }, entry);
  pools.push({ pool, folder });
  return pool;
}

function parse(
  pool: ParserPool,
  content: Uint8Array | string,
  mediaType = "text/plain",
  signal = never,
  ownerId = "ada",
) {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  async function* stream() {
    yield bytes;
  }
  return pool.parse({ ownerId, mediaType, content: stream() }, () => {}, signal);
}

const reasonOf = (parsing: Promise<unknown>) =>
  parsing.then(
    () => undefined,
    (error: unknown) => (error instanceof ParseFailure ? error.reason : error),
  );

test("a decompression bomb is stopped by its memory, and other files go on meanwhile", async () => {
  const pool = await openPool({ maxMemoryBytes: 200 * 2 ** 20 });
  const bomb = bombPdf(2 ** 30, " ");
  expect(bomb.length).toBeLessThan(100_000);
  const [stopped, ...others] = await Promise.all([
    reasonOf(parse(pool, bomb, "application/pdf")),
    parse(pool, "Other words.", "text/plain", never, "grace"),
    parse(pool, makePdf([["A page."]]), "application/pdf", never, "joan"),
  ]);
  expect(stopped).toBe("OUT_OF_MEMORY");
  expect(others.map(({ text }) => text.trim())).toEqual(["Other words.", "A page."]);
});

test("a PDF that takes for ever and an endless loop are stopped by their time; other files, and the person's next, go on", async () => {
  const pool = await openPool({ sliceTimeoutMs: 3_000 });
  const looping = await openPool({ sliceTimeoutMs: 3_000 }, loopingChild);
  const endless = reasonOf(parse(pool, bombPdf(150_000_000, "q Q "), "application/pdf"));
  const loop = reasonOf(parse(looping, "LOOP"));
  const other = await parse(pool, "Other words.", "text/plain", never, "grace");
  expect(other.passages).toHaveLength(1);
  expect(await Promise.all([endless, loop])).toEqual(["TIMEOUT", "TIMEOUT"]);
  expect((await parse(looping, "Plain words.")).text).toBe("Plain words.");
});

test("replies that make no sense are the file's fault, and nothing of them is kept", async () => {
  const pool = await openPool({}, loopingChild);
  expect(await reasonOf(parse(pool, "LIE"))).toBe("CORRUPT");
});

test("every kind of file is read within the sandbox", async () => {
  const pool = await openPool();
  const cell = '<row r="1"><c r="A1" t="str"><v>Sheet words.</v></c></row>';
  const mail = "From: a@example.org\r\nSubject: Mail words.\r\n\r\nText.";
  const files: [content: Uint8Array | string, mediaType: string, words: string][] = [
    [makePdf([["Page words."]]), "application/pdf", "Page words."],
    [makeDocx(wordParagraph("Word words.")), "application/zip", "Word words."],
    [makeXlsx({ S: cell }), "application/zip", "Sheet words."],
    [makePptx([slideShape("title", "Slide words.")]), "application/zip", "Slide words."],
    [
      makeCompound({ "__properties_version1.0": "", "__substg1.0_0037001F": "Saved words." }),
      "application/x-cfb",
      "Saved words.",
    ],
    ["{\\rtf1 Rich words.}", "application/rtf", "Rich words."],
    ["<html><p>Web words.", "text/html", "Web words."],
    ["<svg><text>Drawn words.</text></svg>", "image/svg+xml", "Drawn words."],
    [mail, "message/rfc822", "Mail words."],
    ["a,b\n1,Listed words.", "text/csv", "Listed words."],
    ["WEBVTT\n\n00:01.000 --> 00:02.000\nSpoken words.", "text/vtt", "Spoken words."],
    ["# Marked words.", "text/markdown", "Marked words."],
    ['print("Coded words.")', "text/x-python", "Coded words."],
    [Buffer.from("Gr\u00f6\u00dfere words.", "latin1"), "text/plain", "Größere words."],
  ];
  for (const [content, mediaType, words] of files) {
    expect((await parse(pool, content, mediaType)).text).toContain(words);
  }
  const [said] = (await parse(pool, files[10]?.[0] ?? "", "text/vtt")).passages;
  expect(said).toMatchObject({ timeStart: 1, timeEnd: 2, slide: 0, sheet: "" });
});

test("a zip bomb is refused by its size, and a document of a million cells read", async () => {
  const pool = await openPool({ maxInflatedBytes: 20 * 2 ** 20 });
  expect(await reasonOf(parse(pool, makeDocx(`<w:p>${" ".repeat(30 * 2 ** 20)}</w:p>`), "application/zip"))).toBe(
    "TOO_LARGE",
  );
  const row = Array.from({ length: 10 }, (_, column) => column * 11).join(",");
  const { passages } = await parse(
    pool,
    `${"abcdefghij".split("").join(",")}\n${`${row}\n`.repeat(100_000)}`,
    "text/csv",
  );
  expect(passages.length).toBeGreaterThan(5_000);
}, 60_000);

test("too many pages, characters and bytes are too large", async () => {
  const pool = await openPool({ maxPages: 2, maxChars: 100, maxFileBytes: 5_000 });
  const pages = (count: number, line: string) => makePdf(Array.from({ length: count }, () => [line]));
  expect(await reasonOf(parse(pool, pages(3, "x"), "application/pdf"))).toBe("TOO_LARGE");
  expect(await reasonOf(parse(pool, pages(2, "x".repeat(60)), "application/pdf"))).toBe("TOO_LARGE");
  expect(await reasonOf(parse(pool, "x".repeat(101)))).toBe("TOO_LARGE");
  expect(await reasonOf(parse(pool, "x".repeat(5_001)))).toBe("TOO_LARGE");
});

test("too many passages are too large, not damage", async () => {
  const pool = await openPool({ maxPassages: 3 });
  const text = "The committee met again in the spring. ".repeat(300);
  expect(await reasonOf(parse(pool, text))).toBe("TOO_LARGE");
});

test("an aborted parse ends with the reason, and leaves no file behind", async () => {
  const pool = await openPool({}, loopingChild);
  const abort = new AbortController();
  const parsing = parse(pool, "LOOP", "text/plain", abort.signal);
  setTimeout(() => abort.abort(new Error("Enough.")), 500);
  await expect(parsing).rejects.toThrow("Enough.");
  expect(await readdir(pools[0]?.folder ?? "")).toEqual([]);
});

test("a person's next file finds the child warm; someone else's never does", async () => {
  const pool = await openPool();
  const folder = pools[0]?.folder ?? "";
  await parse(pool, "One.");
  const [first] = await readdir(folder);
  await parse(pool, "Two.");
  expect(await readdir(folder)).toEqual([first]);
  await parse(pool, "Three.", "text/plain", never, "grace");
  expect(await readdir(folder)).toHaveLength(1);
  expect(await readdir(folder)).not.toContain(first);
});

test("an idle child ends after a while", async () => {
  const pool = await openPool({ idleMs: 100 });
  await parse(pool, "One.");
  await expect.poll(() => readdir(pools[0]?.folder ?? "")).toEqual([]);
});

test("progress is told slice by slice", async () => {
  const pool = await openPool({ pagesPerSlice: 2 });
  const progress: [number, number][] = [];
  async function* content() {
    yield makePdf(Array.from({ length: 5 }, (_, page) => [`Page ${page + 1}`]));
  }
  const onProgress = (done: number, count: number) => progress.push([done, count]);
  const file = await pool.parse(
    { ownerId: "ada", mediaType: "application/pdf", content: content() },
    onProgress,
    never,
  );
  expect(progress).toEqual([
    [2, 5],
    [4, 5],
    [5, 5],
  ]);
  expect(file.pages.map(({ start, end }) => file.text.slice(start, end))).toEqual([
    "Page 1",
    "Page 2",
    "Page 3",
    "Page 4",
    "Page 5",
  ]);
});

test("a page that can't be read is left out and counted; with none left the file is corrupt", async () => {
  const pool = await openPool();
  const broken = (pdf: Buffer, page: string) => Buffer.from(pdf.toString("latin1").replace(page, "99 0 R"), "latin1");
  const file = await parse(pool, broken(makePdf([["First."], ["Second."]]), "6 0 R"), "application/pdf");
  expect([file.failedPages, file.pageCount, file.text.trim()]).toEqual([1, 2, "First."]);
  expect(file.pages.map(({ start, end }) => file.text.slice(start, end))).toEqual(["First.", ""]);
  expect(await reasonOf(parse(pool, broken(makePdf([["Only."]]), "4 0 R"), "application/pdf"))).toBe("CORRUPT");
});

test("Chinese in a PDF that embeds no font is read by the character maps the child may read", async () => {
  const system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>";
  const pdf = onePagePdf("BT /G 12 Tf 72 700 Td <4F60597D4E16754C> Tj ET", {
    objects: [
      "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [7 0 R] >>",
      `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light ${system} /DW 1000 /FontDescriptor 8 0 R >>`,
      "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 0 1000 1000] /Ascent 800 /Descent -200 >>",
    ],
  });
  expect((await parse(await openPool(), pdf, "application/pdf")).text.trim()).toBe("你好世界");
});
