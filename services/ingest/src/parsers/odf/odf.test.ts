import { expect, test } from "vitest";
import { makeZip } from "../../testing/make-zip.ts";
import { readBlocks, readParts, readText, reasonFor } from "../../testing/read-parts.ts";
import { parseZipped } from "../zipped.ts";

const styles = `<style:style style:name="H"><style:text-properties text:display="none"/></style:style>
  <style:style style:name="HT"><style:table-properties table:display="false"/></style:style>
  <style:style style:name="HP"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>
  <text:list-style style:name="L"><text:list-level-style-number text:level="1"/><text:list-level-style-bullet text:level="2"/></text:list-style>`;
const makeOdf = (kind: string, body: string, manifest = "") =>
  makeZip({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    "META-INF/manifest.xml": `<manifest:manifest>${manifest}</manifest:manifest>`,
    "content.xml": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><office:document-content><office:automatic-styles>${styles}</office:automatic-styles>
      <office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
  });
const p = (text: string) => `<text:p>${text}</text:p>`;

test("a text is read: headings, lists, tables, notes after their paragraph; nothing hidden or deleted", async () => {
  const item = (content: string) => `<text:list-item>${content}</text:list-item>`;
  const cell = (text: string) => `<table:table-cell>${p(text)}</table:table-cell>`;
  const body = `<text:tracked-changes>${p("Deleted")}</text:tracked-changes>
    <text:table-of-content>${p("One 1")}</text:table-of-content>
    <text:h text:outline-level="2">One</text:h>
    <text:p>A<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d &e;<text:note><text:note-citation>1</text:note-citation>
      <text:note-body>${p("A note.")}</text:note-body></text:note><text:span text:style-name="H">hidden</text:span> e</text:p>
    <text:p>Said<office:annotation><dc:creator>Ada</dc:creator><dc:date>2024</dc:date>${p("A remark.")}</office:annotation>.</text:p>
    <text:list text:style-name="L">${item(`${p("first")}<text:list>${item(p("deeper"))}</text:list>`)}${item(p("second"))}</text:list>
    <table:table><table:table-row>${cell("a")}${cell("b")}</table:table-row></table:table>
    <text:p><draw:frame><svg:title>alt</svg:title><draw:text-box>${p("Framed")}</draw:text-box></draw:frame>Around</text:p>`;
  expect(await readBlocks(parseZipped, makeOdf("text", body))).toEqual([
    "h2 One",
    "p A b\tc\nd &e; e",
    "p A note.",
    "p Said.",
    "p A remark.",
    "rows 1. first\n  - deeper\n2. second",
    "rows a\tb",
    "p Framed",
    "p Around",
  ]);
});

test("sheets are read by name, repeated cells and rows as often as they stand there", async () => {
  const cell = (text: string, repeated = 1) =>
    `<table:table-cell table:number-columns-repeated="${repeated}">${text && p(text)}</table:table-cell>`;
  const row = (cells: string, repeated = 1) =>
    `<table:table-row table:number-rows-repeated="${repeated}">${cells}</table:table-row>`;
  const sheet = `<table:table table:name="Grades">${row(cell("Name") + cell("Grade"))}${row(cell("Ada") + cell("1"), 2)}
    ${row(cell("", 16384), 1_048_570)}</table:table>
    <table:table table:name="Secret" table:style-name="HT">${row(cell("hidden"))}</table:table>
    <table:table table:name="Wide">${row(cell("x", 3))}</table:table>`;
  const parts = await readParts(parseZipped, makeOdf("spreadsheet", sheet));
  expect(parts.map(({ sheet, part }) => [sheet, part.text])).toEqual([
    ["Grades", "Grades\n\nName: Ada; Grade: 1\nName: Ada; Grade: 1"],
    ["Wide", "Wide\n\nx\tx\tx"],
  ]);
  const bomb = `<table:table table:name="Bomb">${row(cell("xxxxxxxxxx", 1e9), 1e9)}</table:table>`;
  expect(await reasonFor(parseZipped, makeOdf("spreadsheet", bomb), { maxChars: 500_000 })).toBe("TOO_LARGE");
});

test("slides are numbered, titled and read with their notes; hidden ones only count", async () => {
  const frame = (kind: string, content: string) =>
    `<draw:frame presentation:class="${kind}"><draw:text-box>${content}</draw:text-box></draw:frame>`;
  const slides = `<draw:page>${frame("title", p("Cells"))}${frame("outline", p("Small"))}${frame("page-number", p("1"))}
      <presentation:notes>${frame("notes", p("Say this."))}</presentation:notes></draw:page>
    <draw:page draw:style-name="HP">${frame("title", p("Hidden"))}</draw:page>
    <draw:page>${frame("outline", p("Last"))}</draw:page>`;
  const file = makeOdf("presentation", slides);
  expect((await readParts(parseZipped, file)).map(({ slide }) => slide)).toEqual([1, 3]);
  expect(await readBlocks(parseZipped, file)).toEqual(["h1 Cells", "p Small", "p Say this.", "p Last"]);
});

test("a protected file is ENCRYPTED, an empty one NO_TEXT, another kind UNSUPPORTED", async () => {
  const locked = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>";
  expect(await reasonFor(parseZipped, makeOdf("text", "%&/", locked))).toBe("ENCRYPTED");
  expect(await reasonFor(parseZipped, makeOdf("text", p(" ")))).toBe("NO_TEXT");
  expect(await reasonFor(parseZipped, makeOdf("database", ""))).toBe("UNSUPPORTED");
  expect(await readText(parseZipped, makeOdf("text", p("&lt;b&gt;")))).toBe("<b>");
});
