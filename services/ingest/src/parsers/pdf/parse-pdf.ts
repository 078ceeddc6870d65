import type { PDFDocumentProxy } from "unpdf/pdfjs";
import { ParseFailure } from "../failure.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { bodySizeOf, layOutPage } from "./layout.ts";
import { type Line, readLines } from "./line.ts";
import { openPdf } from "./open-pdf.ts";
import { readRuns } from "./read-runs.ts";

/** Reads a PDF page by page, a slice at a time. A broken page is left out, unless all are. */
export async function* parsePdf(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const pdf = await openPdf(bytes);
  const pageCount = pdf.numPages;
  if (pageCount > limits.maxPages) throw new ParseFailure("TOO_LARGE");
  yield { kind: "opened", pageCount };
  let failed = 0;
  let chars = 0;
  let bodySize = 0;
  for (let first = 1; first <= pageCount; first += limits.pagesPerSlice) {
    const last = Math.min(pageCount, first + limits.pagesPerSlice - 1);
    const slice = await readSlice(pdf, first, last);
    bodySize ||= bodySizeOf(slice.map((lines) => lines ?? []));
    for (const [index, lines] of slice.entries()) {
      const page = first + index;
      if (lines) {
        const part = layOutPage(lines, bodySize);
        chars += part.text.length;
        if (chars > limits.maxChars) throw new ParseFailure("TOO_LARGE");
        yield { kind: "part", page, part };
      } else {
        failed++;
        yield { kind: "pageFailed", page };
      }
    }
    yield { kind: "slice", pagesDone: last };
  }
  if (failed === pageCount) throw new ParseFailure("CORRUPT");
  if (chars === 0) throw new ParseFailure("NO_TEXT");
}

/** The lines of each page of a slice; undefined for one that can't be read. */
async function readSlice(pdf: PDFDocumentProxy, first: number, last: number): Promise<(Line[] | undefined)[]> {
  const pages: (Line[] | undefined)[] = [];
  for (let number = first; number <= last; number++) pages.push(await readPage(pdf, number));
  return pages;
}

async function readPage(pdf: PDFDocumentProxy, number: number): Promise<Line[] | undefined> {
  try {
    const page = await pdf.getPage(number);
    const { view, runs } = await readRuns(page);
    page.cleanup();
    return readLines(runs, view);
  } catch (error) {
    // Memory that ran out is no fault of the page.
    if (error instanceof RangeError && /alloc|memory/i.test(error.message)) throw error;
    return undefined;
  }
}
