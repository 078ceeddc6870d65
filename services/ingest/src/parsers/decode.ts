import { ParseFailure } from "./failure.ts";
import { utf16ByteOrder } from "./sniff.ts";

/** UTF-8 has three bytes for a unit, and two for a line end that is one character here. */
const maxUnitBytes = 4;
const markBytes = 3;

/**
 * Text bytes as a string: UTF-16 or UTF-8 by mark or look, else Windows-1252, which has a character for every byte. Line
 * ends become `\n`; characters no database takes are dropped. Throws ParseFailure TOO_LARGE for bytes that must be more than
 * `maxChars` characters.
 */
export function decodeText(bytes: Uint8Array, maxChars: number): string {
  // No encoding takes more for a UTF-16 unit; what is this long may not even fit into a string.
  if (bytes.length > maxChars * maxUnitBytes + markBytes) throw new ParseFailure("TOO_LARGE");
  return clean(decode(bytes).replace(/\r\n?/g, "\n"));
}

function decode(bytes: Uint8Array): string {
  const order = utf16ByteOrder(bytes.subarray(0, 2048));
  if (order) return new TextDecoder(`utf-16${order}`).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Without lone surrogates and without control characters other than tab and line feed. */
export function clean(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n])[\p{Cc}\ufeff]/gu, (char) => (char === "\f" ? "\n" : ""));
}
