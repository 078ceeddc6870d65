import { analyse } from "chardet";
import { ParseFailure } from "./failure.ts";
import { utf16ByteOrder } from "./sniff.ts";

/** UTF-8 has three bytes for a unit, and two for a line end that is one character here. */
const maxUnitBytes = 4;
const markBytes = 3;

/**
 * Text bytes as a string, as `decode` reads them. Line ends become `\n`; characters no database takes are dropped. Throws
 * ParseFailure TOO_LARGE for bytes that must be more than `maxChars` characters.
 */
export function decodeText(bytes: Uint8Array, maxChars: number, declared?: string): string {
  // No encoding takes more for a UTF-16 unit; what is this long may not even fit into a string.
  if (bytes.length > maxChars * maxUnitBytes + markBytes) throw new ParseFailure("TOO_LARGE");
  return clean(decode(bytes, declared).replace(/\r\n?/g, "\n"));
}

/**
 * UTF-16 or UTF-8 by mark or look; else the encoding the text declares, or the one it looks like; else Windows-1252, which
 * has a character for every byte.
 */
export function decode(bytes: Uint8Array, declared?: string): string {
  const order = utf16ByteOrder(bytes.subarray(0, 2048));
  if (order) return new TextDecoder(`utf-16${order}`).decode(bytes);
  // Seven bits a byte, which are ASCII to all others.
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("\u001b$"))
    return decodeAs("iso-2022-jp", bytes);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("\ufffd")) return text;
  if (!declared || /^utf/i.test(declared)) return isDamaged(text) ? decodeAs(guessEncoding(bytes), bytes) : text;
  return decodeAs(declared, bytes);
}

/** Damaged UTF-8 has more that is right than is wrong; other bytes are hardly ever right. */
function isDamaged(text: string): boolean {
  const wrong = text.match(/\ufffd/g)?.length ?? 0;
  const right = text.match(/[^\p{ASCII}\ufffd]/gu)?.length ?? 0;
  return wrong > right;
}

function decodeAs(label: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Below this it knows no more than that the bytes are possible. */
const minConfidence = 20;
const guessBytes = 65_536;

function guessEncoding(bytes: Uint8Array): string {
  // Only other bytes than ASCII tell; they may come late.
  const first = Math.max(
    0,
    bytes.findIndex((byte) => byte >= 0x80),
  );
  const [best] = analyse(bytes.subarray(first, first + guessBytes));
  return best && best.confidence >= minConfidence ? best.name : "windows-1252";
}

/** Without lone surrogates and without control characters other than tab and line feed. */
export function clean(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n])[\p{Cc}\ufeff]/gu, (char) => (char === "\f" ? "\n" : ""));
}
