import { serveParses } from "./serve-parses.ts";

await serveParses({
  pdf: async () => (await import("../parsers/pdf/parse-pdf.ts")).parsePdf,
  markdown: async () => (await import("../parsers/markdown.ts")).parseMarkdown,
  text: async () => (await import("../parsers/text.ts")).parseText,
});
