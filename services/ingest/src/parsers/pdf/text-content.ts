import type { PDFPageProxy } from "unpdf/pdfjs";

/** What pdf.js gives of a page's text; the package names none of its parts. */
export type TextContent = Awaited<ReturnType<PDFPageProxy["getTextContent"]>>;
export type TextItem = Extract<TextContent["items"][number], { str: string }>;
export type TextStyle = TextContent["styles"][string];
