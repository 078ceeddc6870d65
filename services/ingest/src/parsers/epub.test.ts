import { expect, test } from "vitest";
import { makeZip } from "../testing/make-zip.ts";
import { readParts, reasonFor } from "../testing/read-parts.ts";
import { parseZipped } from "./zipped.ts";

const page = (body: string) =>
  `<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><head><title/></head><body>${body}</body></html>`;

function makeEpub(chapters: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = Object.keys(chapters);
  const items = names.map(
    (name, index) => `<item id="c${index}" href="${encodeURI(name)}" media-type="application/xhtml+xml"/>`,
  );
  const order = names.map((_, index) => `<itemref idref="c${index}"/>`);
  return makeZip({
    mimetype: "application/epub+zip",
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    "OPS/book.opf": `<opf:package><manifest>${items.join("")}<item id="nav" href="nav.xhtml" properties="nav"/></manifest>
      <spine><itemref idref="nav"/>${order.reverse().join("")}</spine></opf:package>`,
    "OPS/nav.xhtml": page("<ol><li>Contents</li></ol>"),
    ...Object.fromEntries(names.map((name) => [`OPS/${name}`, page(chapters[name] ?? "")])),
    ...more,
  });
}

test("chapters are read in the order of the book, without its table of contents, each under its own headings", async () => {
  const file = makeEpub({
    "text/chapter two.xhtml": "<h1>Two</h1><p>Second &e;<br/>line.</p>",
    "one.xhtml": "<p>First.</p>",
  });
  const parts = await readParts(parseZipped, file);
  expect(parts.map(({ part }) => part.text)).toEqual(["First.", "Two\n\nSecond &e;\nline."]);
});

test("a protected book is ENCRYPTED, one with scrambled fonts is not", async () => {
  const locked = (algorithm: string) => ({
    "META-INF/encryption.xml": `<encryption><enc:EncryptedData><enc:EncryptionMethod Algorithm="${algorithm}"/>
      <enc:CipherData><enc:CipherReference URI="OPS/one.xhtml"/></enc:CipherData></enc:EncryptedData></encryption>`,
  });
  expect(
    await reasonFor(parseZipped, makeEpub({ "one.xhtml": "x" }, locked("http://www.w3.org/2001/04/xmlenc#aes256-cbc"))),
  ).toBe("ENCRYPTED");
  expect(
    await reasonFor(parseZipped, makeEpub({ "one.xhtml": "x" }, locked("http://www.idpf.org/2008/embedding"))),
  ).toBeUndefined();
});

test("a book without text is NO_TEXT, without contents CORRUPT", async () => {
  expect(await reasonFor(parseZipped, makeEpub({ "one.xhtml": "<img src='file:///etc/passwd'/>" }))).toBe("NO_TEXT");
  expect(await reasonFor(parseZipped, makeZip({ "META-INF/container.xml": "<container/>" }))).toBe("CORRUPT");
});
