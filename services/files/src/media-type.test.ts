import { describe, expect, it } from "vitest";
import { headBytes, sniffMediaType } from "./media-type.ts";

const sniff = (content: string | Uint8Array, name = "file") => sniffMediaType(Buffer.from(content), true, name);

describe("sniffMediaType", () => {
  it.each([
    ["%PDF-1.7\n…", "application/pdf"],
    ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"],
    ["{\\rtf1 hello}", "application/rtf"],
    ["PK\x03\x04\x14\0", "application/zip"],
    ["\x7fELF\x02\x01\x01", "application/x-elf"],
    ["\0\x01\x02\x03", "application/octet-stream"],
    ["junk\0\x01%PDF-1.4\n", "application/pdf"],
  ])("knows %j by its bytes", async (bytes, mediaType) => {
    expect(await sniff(Buffer.from(bytes, "latin1"), "lies.txt")).toBe(mediaType);
  });

  it.each([
    ["Plain words, größer als ASCII.", "text/plain"],
    ["BMW builds cars, MZ built motorcycles.", "text/plain"],
    ["BMW builds cars.", "text/plain"],
    ["", "text/plain"],
    ["a < b", "text/plain"],
    ["<!doctype html><p>hi", "text/html"],
    ["\ufeff \n<HTML lang=en>", "text/html"],
    ["<!-- note --><html>", "text/html"],
    ["<script>alert(1)</script>", "text/html"],
    ["<svg onload=alert(1)>", "image/svg+xml"],
    ['<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"],
    ['<?xml version="1.0"?><feed/>', "application/xml"],
    ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html/>', "application/xhtml+xml"],
    ["Received: by x\r\n\tfor y\r\nX-Own: 1\r\nSubject: Hi\r\n\r\nText", "message/rfc822"],
    ["From ada@x Mon Jun 01 04:28:28 2009\nFrom: ada@x\nDate: x\n\nText", "application/mbox"],
    ["Subject: alone\n\nFrom: here on it is text", "text/plain"],
    ["To: be or not\nnot to be\nFrom: Hamlet", "text/plain"],
  ])("knows the text %j by its words", async (text, mediaType) => {
    expect(await sniff(text)).toBe(mediaType);
  });

  it.each(["<!---->", "<!-- -->\n", "<?xml>", "<!doctype svg>", "<!--", "-->", " "])(
    "takes little time over %j again and again",
    async (piece) => {
      const text = piece.repeat(headBytes).slice(0, headBytes - 1);
      const start = performance.now();
      await sniff(`${text}x`);
      expect(performance.now() - start).toBeLessThan(500);
    },
  );

  it("takes text named .md for Markdown, but not a page", async () => {
    expect(await sniff("# Title", "README.MD")).toBe("text/markdown");
    expect(await sniff("<p align=center>Lyceum</p>\n\n# Title", "README.md")).toBe("text/markdown");
    expect(await sniff("<!doctype html><script>", "README.md")).toBe("text/html");
    expect(await sniff("\x01\x02", "README.md")).toBe("application/octet-stream");
  });

  it.each([
    ["grades.CSV", "text/csv"],
    ["grades.tsv", "text/tab-separated-values"],
    ["main.py", "text/x-python"],
    ["main.ts", "text/x-typescript"],
    ["query.sql", "text/x-source"],
    ["data.json", "application/json"],
    ["talk.vtt", "text/vtt"],
    ["page.htm", "text/html"],
    ["movie.mp4", "text/plain"],
    ["csv", "text/plain"],
  ])("takes text named %s for %s", async (name, mediaType) => {
    expect(await sniff("a,b\n1,2", name)).toBe(mediaType);
    expect(await sniff("\x01\x02", name)).toBe("application/octet-stream");
  });

  it("knows text in encodings of old", async () => {
    expect(await sniff(Buffer.from("Größe;Wert\r\n", "latin1"), "x.csv")).toBe("text/csv");
    expect(await sniff(Buffer.from("<html><p>Größe", "latin1"))).toBe("text/html");
    expect(await sniff(Buffer.from("é%PDF-1.4", "latin1"))).toBe("application/pdf");
  });

  it.each([
    ["WordDocument", "application/msword"],
    ["__properties_version1.0", "application/vnd.ms-outlook"],
    ["EncryptedPackage", "application/x-cfb"],
  ])("tells compound files apart by their streams: %s", async (stream, mediaType) => {
    const signature = Buffer.from("d0cf11e0a1b11ae1", "hex");
    const content = Buffer.concat([signature, Buffer.alloc(1024), Buffer.from(stream, "utf16le")]);
    expect(await sniff(content, "lies.txt")).toBe(mediaType);
  });

  it("knows UTF-16 that begins with its mark", async () => {
    expect(await sniff(Buffer.from("\ufeffgrüße", "utf16le"))).toBe("text/plain");
  });

  it("does not stumble over a character that the end of the head cuts in two", async () => {
    const head = Buffer.from(`${"x".repeat(headBytes - 1)}é`).subarray(0, headBytes);
    expect(await sniffMediaType(head, false, "long.txt")).toBe("text/plain");
  });
});
