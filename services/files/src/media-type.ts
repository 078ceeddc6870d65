import { fileTypeFromBuffer } from "file-type";

/** How many bytes from the beginning of a file are enough to tell what it is. */
export const headBytes = 64 * 1024;

/**
 * What a file is, told from its first bytes; `complete` says that they are all of it. The name only tells kinds of text
 * apart. Bytes of no known kind are `application/octet-stream`.
 */
export async function sniffMediaType(head: Uint8Array, complete: boolean, name: string): Promise<string> {
  const sniffed = await fileTypeFromBuffer(head).catch(() => undefined);
  const isTextual = sniffed === undefined || writtenInText.has(sniffed.mime);
  const text = decodeText(head, complete) ?? (isTextual ? decodeLegacyText(head) : undefined);
  if (text === undefined) return compoundKind(head, sniffed?.mime) ?? sniffed?.mime ?? lateKind(head);
  // Prose may begin like a binary format ("BMW …" like a bitmap), so text stays text unless the format is written in text.
  if (sniffed && writtenInText.has(sniffed.mime)) return xmlKind(text) ?? sniffed.mime;
  return textKind(text, name);
}

const writtenInText = new Set(["application/pdf", "application/rtf", "application/xml"]);

function textKind(text: string, name: string): string {
  const kind = xmlKind(text);
  if (kind) return kind === "application/xhtml+xml" ? "text/html" : kind;
  if (isMail(text)) return text.startsWith("From ") ? "application/mbox" : "message/rfc822";
  const named = kindsByName.find(([pattern]) => pattern.test(name))?.[1];
  return named ?? (looksLikeHtml.test(text) ? "text/html" : "text/plain");
}

/** What only a name can tell of text: none of it runs anywhere, whatever it is called. */
const kindsByName: readonly (readonly [RegExp, string])[] = [
  [/\.(md|markdown)$/i, "text/markdown"],
  [/\.x?html?$/i, "text/html"],
  [/\.csv$/i, "text/csv"],
  [/\.(tsv|tab)$/i, "text/tab-separated-values"],
  [/\.vtt$/i, "text/vtt"],
  [/\.srt$/i, "application/x-subrip"],
  [/\.(json|geojson|ipynb)$/i, "application/json"],
  [/\.css$/i, "text/css"],
  [/\.[cm]?jsx?$/i, "text/javascript"],
  [/\.[cm]?tsx?$/i, "text/x-typescript"],
  [/\.py$/i, "text/x-python"],
  [/\.java$/i, "text/x-java"],
  [/\.(c|h)$/i, "text/x-c"],
  [/\.(cc|cpp|cxx|hh|hpp)$/i, "text/x-c++"],
  [/\.go$/i, "text/x-go"],
  [/\.rs$/i, "text/x-rust"],
  [/\.(sh|bash)$/i, "text/x-shellscript"],
  [
    /\.(cs|kts?|swift|scala|rb|php|pl|lua|r|jl|hs|ml|ex|exs|erl|clj|dart|sql|proto|ya?ml|toml|ini|gradle|vue|svelte|zig|asm|s)$/i,
    "text/x-source",
  ],
];

// The tags by which the WHATWG MIME sniffing standard (§7.1) knows HTML.
const looksLikeHtml = /^\s*<(!--|(head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])/i;

function xmlKind(text: string): string | undefined {
  const start = afterProlog(text);
  if (/^<svg[\s>]/i.test(start)) return "image/svg+xml";
  return /^<(!doctype\s+html|html)[\s>]/i.test(start) ? "application/xhtml+xml" : undefined;
}

const mailHeaders =
  /^(from|to|cc|bcc|subject|date|received|reply-to|sender|return-path|delivered-to|message-id|mime-version|content-type):/i;

/** A mail begins with lines that have a name, of which mails have certain ones (RFC 5322); in a mailbox after one more. */
function isMail(text: string): boolean {
  let known = 0;
  const head = text.slice(0, 16_384).replace(/^From \S.*\r?\n/, "");
  for (const line of head.split(/\r?\n/)) {
    if (line === "" || !/^([!-9;-~]+:|[ \t]+\S)/.test(line)) break;
    if (mailHeaders.test(line) && ++known === 2) return true;
  }
  return false;
}

/** Streams by which Microsoft's compound files tell what they are, in the order in which they count. */
const compoundStreams = [
  ["__properties_version1.0", "application/vnd.ms-outlook"],
  ["WordDocument", "application/msword"],
  ["PowerPoint Document", "application/vnd.ms-powerpoint"],
  ["Workbook", "application/vnd.ms-excel"],
] as const;

function compoundKind(head: Uint8Array, sniffed: string | undefined): string | undefined {
  if (sniffed !== "application/x-cfb") return undefined;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  return compoundStreams.find(([name]) => bytes.includes(name, 0, "utf16le"))?.[1];
}

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

/** Text in an encoding that doesn't say which it is: what is ASCII in it can be read. */
function decodeLegacyText(head: Uint8Array): string | undefined {
  if (hasLatePdfHeader(head)) return undefined;
  const text = new TextDecoder("latin1").decode(head);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text) ? undefined : text;
}

function charsetOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  return "utf-8";
}

const lateKind = (head: Uint8Array) => (hasLatePdfHeader(head) ? "application/pdf" : "application/octet-stream");

// Readers of PDF accept its header anywhere in the first 1,024 bytes.
const hasLatePdfHeader = (head: Uint8Array) => Buffer.from(head.subarray(0, 1024)).includes("%PDF-");
