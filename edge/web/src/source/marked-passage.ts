import type { Box, Citation } from "@lyceum/client";
import type { PDFDocumentProxy } from "pdfjs-dist";
import type { TextItem } from "pdfjs-dist/types/src/display/api.js";
import { findQuote, type ItemRange } from "./quote-ranges.ts";

/** What is marked on one page: stretches of its text items, and rectangles as fractions of the page. */
export type PageMarks = { readonly ranges: readonly ItemRange[]; readonly boxes: readonly Box[] };

/** Finds the cited words in the text layers of the pages they stand on, by page number. */
export async function findMarks(pdf: PDFDocumentProxy, { quote, locator }: Citation): Promise<Map<number, PageMarks>> {
  const boxes = (locator?.boxes ?? []).filter(({ page }) => page >= 1 && page <= pdf.numPages);
  const numbers = [...new Set(boxes.map(({ page }) => page))].sort((a, b) => a - b);
  if (numbers.length === 0 && locator && locator.page >= 1 && locator.page <= pdf.numPages) numbers.push(locator.page);

  const items: { page: number; index: number; text: string }[] = [];
  const hinted = new Set<number>();
  for (const number of numbers) {
    const page = await pdf.getPage(number);
    const { width, height } = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: 1 });
    const own = boxes.filter((box) => box.page === number);
    const texts = (await page.getTextContent()).items.filter((item): item is TextItem => "str" in item);
    for (const [index, item] of texts.entries()) {
      const [left = 0, bottom = 0] = viewport.convertToViewportPoint(item.transform[4], item.transform[5]) as number[];
      const centre = { x: (left + item.width / 2) / width, y: (bottom - item.height / 2) / height };
      if (own.some((box) => holds(box, centre))) hinted.add(items.length);
      items.push({ page: number, index, text: item.str });
    }
  }

  const found = findQuote(
    items.map(({ text }) => text),
    quote,
    hinted,
  );
  return new Map(
    numbers.map((number) => [
      number,
      {
        ranges: found.flatMap(({ item, start, end }) => {
          const place = items[item];
          return place?.page === number ? [{ item: place.index, start, end }] : [];
        }),
        boxes: boxes.filter(({ page }) => page === number),
      },
    ]),
  );
}

function holds({ x, y, width, height }: Box, centre: { x: number; y: number }): boolean {
  return centre.x >= x && centre.x <= x + width && centre.y >= y && centre.y <= y + height;
}
