import { expect, test } from "vitest";
import { readBlocks, readText, reasonFor } from "../../testing/read-parts.ts";
import { parseRtf } from "./rtf.ts";

const rtf = (
  body: string,
) => `{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Times;}{\\f1\\fcharset128 Mincho;}{\\f2\\fcharset204 Arial;}}
{\\colortbl;\\red0\\green0\\blue0;}{\\stylesheet{\\s0 Normal;}{\\s7\\b heading 2;}{\\*\\cs9 Char;}}{\\info{\\title Hidden}}${body}}`;

test("paragraphs, headings, lists, notes and tables are read", async () => {
  const body = `\\pard\\s7 A {\\i heading}\\par\\pard\\outlinelevel0 Top\\par
\\pard Plain\\line broken\\tab tab{\\footnote A note.} and on.\\par
{\\listtext\\pard 1.\\tab}\\pard One\\par{\\listtext\\pard\\f3\\'b7\\tab}\\ilvl1 Two\\par
\\trowd\\cellx1\\cellx2\\pard\\intbl a\\cell b\\cell\\row\\trowd\\pard\\intbl c\\cell\\cell\\row\\pard After\\par`;
  expect(await readBlocks(parseRtf, rtf(body))).toEqual([
    "h2 A heading",
    "h1 Top",
    "p Plain\nbroken\ttab and on.",
    "p A note.",
    "rows 1. One\n  - Two",
    "rows a\tb\nc",
    "p After",
  ]);
});

test("every font's encoding is its own; Unicode comes before what stands in for it", async () => {
  const body =
    "Gr\\'f6\\'dfe \\f1\\'93\\'fa\\'96\\'7b\\f2\\'c4\\'e0 \\f0\\u8364?\\uc2\\u-10179 ??\\u-8704 ??! \\{\\}\\ldblquote x\\rdblquote\\~y\\-z\\'80";
  expect(await readText(parseRtf, rtf(body))).toBe("Größe 日本Да €😀! {}“x” yz€");
});

test("hidden text, pictures, fields' instructions and unknown groups are not read", async () => {
  const body = `Seen{\\v hidden}{\\pict 89504e47}{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt  link}}{\\*\\unknown no}{\\object\\objdata 00}\\bin3 {{{.`;
  expect(await readText(parseRtf, rtf(body))).toBe("Seen link.");
});

test("groups left open, closed too often or nested without end are read in time", async () => {
  expect(await readText(parseRtf, "{\\rtf1 open {\\b and")).toBe("open and");
  expect(await readText(parseRtf, "{\\rtf1 closed}}}} too often")).toContain("closed");
  expect(await readText(parseRtf, `{\\rtf1 ${"{".repeat(200_000)}deep`)).toBe("deep");
  expect(await reasonFor(parseRtf, rtf(""))).toBe("NO_TEXT");
  expect(await reasonFor(parseRtf, rtf("word ".repeat(100)), { maxChars: 100 })).toBe("TOO_LARGE");
});
