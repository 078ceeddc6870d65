import { ParseFailure } from "./failure.ts";

/** The kinds of source that have a parser. */
export type SourceKind =
  | "pdf"
  | "zipped"
  | "compound"
  | "rtf"
  | "html"
  | "svg"
  | "mail"
  | "csv"
  | "subtitles"
  | "markdown"
  | "code"
  | "text";

/**
 * The kind of source these bytes are. Bytes decide; `mediaType`, what files saw in them, only tells kinds of text apart.
 * Throws ParseFailure EMPTY, CORRUPT or UNSUPPORTED.
 */
export function sniffSource(bytes: Uint8Array, mediaType: string): SourceKind {
  if (bytes.length === 0) throw new ParseFailure("EMPTY");
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8192));
  if (head.subarray(0, 1024).includes("%PDF-")) return "pdf";
  if (mediaType === "application/pdf") throw new ParseFailure("CORRUPT");
  if (startsWith(head, "PK\u0003\u0004")) return "zipped";
  if (startsWith(head, "\u00d0\u00cf\u0011\u00e0")) return "compound";
  if (startsWith(head, "{\\rtf")) return "rtf";
  if (!isReadable(mediaType) || looksBinary(head)) throw new ParseFailure("UNSUPPORTED");
  if (looksLikeHtml(head)) return "html";
  const essence = essenceOf(mediaType);
  return textKinds[essence] ?? (isCode.test(essence) ? "code" : "text");
}

const isCode = /^(text\/(x-.*|javascript|css)|application\/(.*\+)?(json|xml))$/;

const textKinds: Partial<Record<string, SourceKind>> = {
  "text/markdown": "markdown",
  "text/html": "html",
  "application/xhtml+xml": "html",
  "image/svg+xml": "svg",
  "message/rfc822": "mail",
  "application/mbox": "mail",
  "text/vtt": "subtitles",
  "application/x-subrip": "subtitles",
  "text/x-markdown": "markdown",
  "text/csv": "csv",
  "text/tab-separated-values": "csv",
};

const readable = new Set([
  "",
  ..."octet-stream pdf rtf zip x-cfb msword xml json mbox x-subrip epub+zip"
    .split(" ")
    .map((name) => `application/${name}`),
  "message/rfc822",
  "image/svg+xml",
]);
const readableFamilies = /^(text\/|application\/vnd\.(openxmlformats-|oasis\.opendocument|ms-)|application\/.*\+xml$)/;

/** Whether files of this type may have a parser; the bytes have the last word. */
export function isReadable(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  return readable.has(essence) || readableFamilies.test(essence);
}

const essenceOf = (mediaType: string) => mediaType.split(";", 1)[0]?.trim().toLowerCase() ?? "";

const startsWith = (head: Buffer, signature: string) =>
  head.subarray(0, signature.length).toString("latin1") === signature;

const signatures = ["\u001f\u008b", "\u0089PNG", "GIF8", "\u007fELF", "7z\u00bc\u00af", "Rar!"];

/** Control characters are no text; zeros are, in UTF-16, where every second byte is one. */
function looksBinary(head: Buffer): boolean {
  if (signatures.some((signature) => startsWith(head, signature))) return true;
  if (utf16ByteOrder(head)) return false;
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) odd++;
  }
  return odd > head.length / 50;
}

function looksLikeHtml(head: Buffer): boolean {
  return /^\s*(<\?xml[^>]*>\s*)?(<!doctype html|<html[\s>])/i.test(
    head
      .subarray(0, 512)
      .toString("latin1")
      .replace(/^(ï»¿|ÿþ|þÿ)/, "")
      .replaceAll("\0", ""),
  );
}

/** The byte order of UTF-16 text, by its mark or by where its zeros are; undefined for anything else. */
export function utf16ByteOrder(head: Uint8Array): "le" | "be" | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return "le";
  if (head[0] === 0xfe && head[1] === 0xff) return "be";
  const sample = head.subarray(0, 2048);
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < sample.length; i += 2) {
    if (sample[i] === 0) even++;
    if (sample[i + 1] === 0) odd++;
  }
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 4) return undefined;
  if (odd > pairs * 0.6 && even < pairs * 0.05) return "le";
  if (even > pairs * 0.6 && odd < pairs * 0.05) return "be";
  return undefined;
}
