import type { Parser } from "./parsed.ts";
import type { SourceKind } from "./sniff.ts";

/** Loads a parser at its first use, so that a child that reads only text stays small. */
export type ParserTable = Readonly<Record<SourceKind, () => Promise<Parser>>>;

/** A parser for each kind of source. */
export const productParsers: ParserTable = {
  pdf: async () => (await import("./pdf/parse-pdf.ts")).parsePdf,
  zipped: async () => (await import("./zipped.ts")).parseZipped,
  compound: async () => (await import("./compound/compound.ts")).parseCompound,
  rtf: async () => (await import("./rtf/rtf.ts")).parseRtf,
  html: async () => (await import("./html.ts")).parseHtml,
  svg: async () => (await import("./svg.ts")).parseSvg,
  mail: async () => (await import("./mail.ts")).parseMail,
  csv: async () => (await import("./csv.ts")).parseCsv,
  subtitles: async () => (await import("./subtitles.ts")).parseSubtitles,
  markdown: async () => (await import("./markdown.ts")).parseMarkdown,
  code: async () => (await import("./text.ts")).parseCode,
  text: async () => (await import("./text.ts")).parseText,
};
