import { expect, test } from "vitest";
import { makeXlsx } from "../../testing/make-zip.ts";
import { readBlocks, readParts, readText, reasonFor } from "../../testing/read-parts.ts";
import { parseZipped } from "../zipped.ts";

const text = (reference: string, value: string) => `<c r="${reference}" t="inlineStr"><is><t>${value}</t></is></c>`;
const number = (reference: string, value: number, style = 0) => `<c r="${reference}" s="${style}"><v>${value}</v></c>`;
const row = (number: number, ...cells: string[]) => `<row r="${number}">${cells.join("")}</row>`;

test("every row says its columns' names, and every part its sheet", async () => {
  const first =
    row(1, text("A1", "Sales 2023")) +
    row(3, text("A3", "Region"), text("B3", "Q1"), text("C3", "Q2")) +
    row(4, text("A4", "North"), number("B4", 12), number("C4", 14.5)) +
    row(5, text("A5", "South"), number("C5", 0.1 + 0.2));
  const parts = await readParts(
    parseZipped,
    makeXlsx({ "Sales &amp; more": first, Other: row(1, text("A1", "Alone")) }),
  );
  expect(parts.map(({ sheet }) => sheet)).toEqual(["Sales & more", "Other"]);
  expect(parts[0]?.part.text).toBe(
    "Sales & more\n\nSales 2023\n\nRegion: North; Q1: 12; Q2: 14.5\nRegion: South; Q2: 0.3",
  );
});

test("rows without names above them stay as they are", async () => {
  const words = row(1, text("A1", "dog"), text("B1", "Hund")) + row(2, text("A2", "cat"), text("B2", "Katze"));
  const numbers = row(1, number("A1", 1), number("B1", 2)) + row(2, number("A2", 3), number("B2", 4));
  expect(await readBlocks(parseZipped, makeXlsx({ Words: words, Numbers: numbers }))).toEqual([
    "h1 Words",
    "rows dog\tHund\ncat\tKatze",
    "h1 Numbers",
    "rows 1\t2\n3\t4",
  ]);
});

test("dates, times and shares are read as they are shown", async () => {
  const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd &quot;h&quot;"/>
    <numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="[Red]0.00&quot; days&quot;"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${[0, 164, 10, 165, 22, 166].map((id) => `<xf numFmtId="${id}"/>`).join("")}</cellXfs></styleSheet>`;
  const cells = [
    number("A1", 45352),
    number("B1", 45352, 1),
    number("C1", 0.125, 2),
    number("D1", 1.5, 3),
    number("E1", 45352.75, 4),
    number("F1", 1.5, 5),
    '<c r="G1" t="b"><v>1</v></c><c r="H1" t="e"><v>#N/A</v></c><c r="I1" t="str"><f>1+1</f><v>two</v></c>',
  ];
  expect(await readText(parseZipped, makeXlsx({ S: row(1, ...cells) }, { styles }))).toBe(
    "S\n\n45352\t2024-03-01\t12.5%\t36:00\t2024-03-01 18:00\t1.5\tTRUE\ttwo",
  );
});

test("shared strings are read without their pronunciation; hidden sheets are not read", async () => {
  const sharedStrings = "<sst><si><r><t>豊</t></r><r><t>田</t></r><rPh><t>トヨタ</t></rPh></si></sst>";
  const shared = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>9</v></c></row>';
  const file = makeXlsx({ Seen: shared, Hidden: row(1, text("A1", "secret")) }, { sharedStrings }, ["Hidden"]);
  expect(await readText(parseZipped, file)).toBe("Seen\n\n豊田");
  expect(await reasonFor(parseZipped, makeXlsx({ Empty: "" }))).toBe("NO_TEXT");
});

test("a string used a thousand times is TOO_LARGE before it fills the memory", async () => {
  const sharedStrings = `<sst><si><t>${"x".repeat(30_000)}</t></si></sst>`;
  const rows = '<row><c t="s"><v>0</v></c></row>'.repeat(1_000);
  expect(await reasonFor(parseZipped, makeXlsx({ S: rows }, { sharedStrings }))).toBe("TOO_LARGE");
});
