import { fileTypeFromBuffer } from "file-type";

/** How many bytes from the beginning of a file are enough to tell what it is. */
export const headBytes = 64 * 1024;

/**
 * What a file is, told from its first bytes; `complete` says that they are all of it. The name only tells Markdown from
 * other text. Bytes of no known kind are `application/octet-stream`.
 */
export async function sniffMediaType(head: Uint8Array, complete: boolean, name: string): Promise<string> {
  const sniffed = await fileTypeFromBuffer(head).catch(() => undefined);
  const text = decodeText(head, complete);
  if (text === undefined)
    return sniffed?.mime ?? (hasLatePdfHeader(head) ? "application/pdf" : "application/octet-stream");
  // Prose may begin like a binary format ("BMW …" like a bitmap), so text stays text unless the format is written in text.
  if (sniffed && writtenInText.has(sniffed.mime)) return isSvg(text) ? "image/svg+xml" : sniffed.mime;
  return textKind(text, name);
}

const writtenInText = new Set(["application/pdf", "application/rtf", "application/xml"]);

function textKind(text: string, name: string): string {
  if (isSvg(text)) return "image/svg+xml";
  if (/^<(!doctype\s+html|html)[\s>]/i.test(afterProlog(text))) return "text/html";
  if (/\.(md|markdown)$/i.test(name)) return "text/markdown";
  return looksLikeHtml.test(text) ? "text/html" : "text/plain";
}

// The tags by which the WHATWG MIME sniffing standard (§7.1) knows HTML.
const looksLikeHtml = /^\s*<(!--|(head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])/i;

const isSvg = (text: string) => /^<svg[\s>]/i.test(afterProlog(text));

/** What follows the declarations and comments that may stand before the first element. */
function afterProlog(text: string): string {
  // Piece by piece: one expression for all of them takes exponential time on some texts.
  const piece = /\s*(<\?xml[^>]*>|<!--.*?-->|<!doctype\s+svg[^>]*>)/isy;
  let end = 0;
  while (piece.test(text)) end = piece.lastIndex;
  return text.slice(end).trimStart();
}

/** The text, if the bytes are UTF-8, or UTF-16 that says so, without control characters of binary formats. */
function decodeText(head: Uint8Array, complete: boolean): string | undefined {
  try {
    const text = new TextDecoder(charsetOf(head), { fatal: true }).decode(head, { stream: !complete });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function charsetOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  return "utf-8";
}

// Readers of PDF accept its header anywhere in the first 1,024 bytes.
const hasLatePdfHeader = (head: Uint8Array) => Buffer.from(head.subarray(0, 1024)).includes("%PDF-");
