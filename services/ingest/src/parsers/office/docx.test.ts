import { expect, test } from "vitest";
import { makeDocx, makeZip, wordParagraph as p, relations } from "../../testing/make-zip.ts";
import { readBlocks, readText, reasonFor } from "../../testing/read-parts.ts";
import { parseZipped } from "../zipped.ts";

const styles = `
  <w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Outlined"><w:name w:val="Clause"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
  <w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
  <w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
  <w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>`;
const styled = (id: string) => `<w:pStyle w:val="${id}"/>`;
const listed = (level: number, id = 1) => `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${id}"/></w:numPr>`;

test("headings are known by their styles in any language, by what these are based on, and by outline level", async () => {
  const body =
    p("A Book", styled("Title")) +
    p("Contents 7", styled("TOC1")) +
    p("One", styled("berschrift1")) +
    p("Two", styled("Mine")) +
    p("Three", styled("Outlined")) +
    p("Four", '<w:outlineLvl w:val="2"/>') +
    p("Body &amp; soul");
  expect(await readBlocks(parseZipped, makeDocx(body, { styles }))).toEqual([
    "h0 A Book",
    "h1 One",
    "h1 Two",
    "h2 Three",
    "h3 Four",
    "p Body & soul",
  ]);
});

test("what is hidden or deleted is not read, what was inserted is", async () => {
  const body = `${p("Seen.", "", '<w:vanish w:val="0"/>')}${p("Hidden.", "", "<w:vanish/>")}${p("Hidden.", "", '<w:rStyle w:val="Secret"/>')}
    <w:p><w:del><w:r><w:delText>Deleted</w:delText></w:r></w:del><w:ins><w:r><w:t>Inserted</w:t></w:r></w:ins></w:p>
    <w:p><w:moveFrom><w:r><w:t>Moved away</w:t></w:r></w:moveFrom></w:p>
    <w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r></w:p>`;
  expect(await readText(parseZipped, makeDocx(body, { styles }))).toBe("Seen.\n\nInserted");
});

test("lists and numbered headings have their numbers", async () => {
  const level = (ilvl: number, format: string, text: string) =>
    `<w:lvl w:ilvl="${ilvl}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
  const numbering = `
    <w:abstractNum w:abstractNumId="7">${level(0, "decimal", "%1.")}${level(1, "lowerLetter", "%1.%2)")}</w:abstractNum>
    <w:abstractNum w:abstractNumId="8">${level(0, "bullet", "•")}</w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
    <w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
    <w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`;
  const body =
    p("Chapter", styled("berschrift1") + listed(0)) +
    p("first", listed(1)) +
    p("second", listed(1)) +
    p("third", listed(0)) +
    p("fourth", listed(1)) +
    p("Between.") +
    p("bullet", listed(0, 2)) +
    p("anew", listed(0, 3)) +
    p("none", listed(0, 0));
  expect(await readBlocks(parseZipped, makeDocx(body, { styles, numbering }))).toEqual([
    "h1 1. Chapter",
    "rows   1.a) first\n  1.b) second\n2. third\n  2.a) fourth",
    "p Between.",
    "rows - bullet\n1. anew",
    "p none",
  ]);
});

test("tables are lines; notes, comments and text boxes are read; tabs and breaks stay", async () => {
  const cell = (content: string, properties = "") => `<w:tc><w:tcPr>${properties}</w:tcPr>${content}</w:tc>`;
  const body = `
    <w:tbl><w:tr>${cell(p("Year") + p("(AD)"))}${cell(p("Sum"), '<w:gridSpan w:val="2"/>')}</w:tr>
      <w:tr>${cell(p("1843"))}${cell(p("7"))}${cell(p("8"))}</w:tr></w:tbl>
    <w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="3"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>
    <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>${p("Boxed")}</w:txbxContent></mc:Choice>
      <mc:Fallback><w:txbxContent>${p("Boxed")}</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>Around</w:t></w:r></w:p>`;
  const parts = {
    footnotes: `<w:footnote w:id="1">${p("A note.")}</w:footnote>`,
    comments: `<w:comment w:id="1">${p("A remark.")}</w:comment>`,
  };
  expect(await readBlocks(parseZipped, makeDocx(body, parts))).toEqual([
    "rows Year (AD)\tSum\n1843\t7\t8",
    "p a\tb\nc",
    "p Boxed",
    "p Around",
    "p A note.",
    "p A remark.",
  ]);
});

test("a long table says its columns' names in every row", async () => {
  const row = (...cells: string[]) => `<w:tr>${cells.map((cell) => `<w:tc>${p(cell)}</w:tc>`).join("")}</w:tr>`;
  const rows = Array.from({ length: 60 }, (_, index) => row(`Item ${index}`, String(index * 7), "in stock"));
  const [table = ""] = await readBlocks(
    parseZipped,
    makeDocx(`<w:tbl>${row("Name", "Count", "State")}${rows.join("")}</w:tbl>`),
  );
  expect(table.split("\n")[59]).toBe("Name: Item 59; Count: 413; State: in stock");
});

test("entities and outside references are neither expanded nor followed", async () => {
  const evil = `<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>`;
  const document = `<?xml version="1.0"?>${evil}<w:document><w:body>${p("Before &b; &x; after")}</w:body></w:document>`;
  const file = makeZip({
    "_rels/.rels": relations(["rId1", "officeDocument", "word/document.xml"]),
    "word/document.xml": document,
    "word/_rels/document.xml.rels": `<Relationships>
      <Relationship Id="a" Type="x/comments" Target="file:///etc/passwd" TargetMode="External"/>
      <Relationship Id="b" Type="x/footnotes" Target="../../../../../etc/passwd"/></Relationships>`,
  });
  expect(await readText(parseZipped, file)).toBe("Before &b; &x; after");
});

test("a document without text is NO_TEXT, without end CORRUPT, too long TOO_LARGE", async () => {
  expect(await reasonFor(parseZipped, makeDocx("<w:p/>"))).toBe("NO_TEXT");
  expect(await reasonFor(parseZipped, makeDocx("<w:sdt>".repeat(100_000)))).toBe("CORRUPT");
  expect(await reasonFor(parseZipped, makeDocx(p("word ".repeat(100))), { maxChars: 400 })).toBe("TOO_LARGE");
});
