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

  it("knows UTF-16 that begins with its mark", async () => {
    expect(await sniff(Buffer.from("\ufeffgrüße", "utf16le"))).toBe("text/plain");
  });

  it("does not stumble over a character that the end of the head cuts in two", async () => {
    const head = Buffer.from(`${"x".repeat(headBytes - 1)}é`).subarray(0, headBytes);
    expect(await sniffMediaType(head, false, "long.txt")).toBe("text/plain");
  });
});
