import { utf16ByteOrder } from "./sniff.ts";

/**
 * Text bytes as a string: UTF-16 or UTF-8 by mark or look, else Windows-1252, which has a character for every byte. Line
 * ends become `\n`; characters no database takes are dropped.
 */
export function decodeText(bytes: Uint8Array): string {
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
