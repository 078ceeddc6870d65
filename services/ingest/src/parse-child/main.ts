import { serveParses } from "./serve-parses.ts";

await serveParses({
  zipped: async () => (await import("../parsers/zipped.ts")).parseZipped,
  html: async () => (await import("../parsers/html.ts")).parseHtml,
  csv: async () => (await import("../parsers/csv.ts")).parseCsv,
  pdf: async () => (await import("../parsers/pdf/parse-pdf.ts")).parsePdf,
  markdown: async () => (await import("../parsers/markdown.ts")).parseMarkdown,
  text: async () => (await import("../parsers/text.ts")).parseText,
});
