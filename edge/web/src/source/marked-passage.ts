import type { Box, Citation } from "@lyceum/client";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import type { TextItem } from "pdfjs-dist/types/src/display/api.js";
import { findQuote, type ItemRange } from "./quote-ranges.ts";

/** What is marked on one page: stretches of its text items, and rectangles as fractions of the page. */
export type PageMarks = { readonly ranges: readonly ItemRange[]; readonly boxes: readonly Box[] };

/** Finds the cited words in the text layers of the pages they stand on, by page number in reading order. */
export async function findMarks(pdf: PDFDocumentProxy, { quote, locator }: Citation): Promise<Map<number, PageMarks>> {
  const boxes = (locator?.boxes ?? []).filter(({ page }) => page >= 1 && page <= pdf.numPages);
  const pages = new Set(boxes.map(({ page }) => page));
  if (locator && locator.page >= 1 && locator.page <= pdf.numPages) pages.add(locator.page);
  const numbers = [...pages].sort((a, b) => a - b);
  const items = (await Promise.all(numbers.map(async (number) => readItems(await pdf.getPage(number), number)))).flat();

  const isNear = ({ item, start, end }: ItemRange) => {
    const { page, left, width, middle, text } = items[item] as PlacedItem;
    const x = left + (width * (start + end)) / 2 / text.length;
    return boxes.some((box) => box.page === page && holds(box, x, middle));
  };
  const ranges = findQuote(
    items.map(({ text }) => text),
    quote,
    isNear,
  );
  const onPage = (number: number) =>
    ranges.flatMap(({ item, start, end }) => {
      const { page, index } = items[item] as PlacedItem;
      return page === number ? [{ item: index, start, end }] : [];
    });
  return new Map(
    numbers.map((number) => [number, { ranges: onPage(number), boxes: boxes.filter(({ page }) => page === number) }]),
  );
}

/** A text item, the `index`th of its page's text layer; where it lies as fractions of the page. */
type PlacedItem = { page: number; index: number; text: string; left: number; width: number; middle: number };

async function readItems(page: PDFPageProxy, number: number): Promise<PlacedItem[]> {
  const viewport = page.getViewport({ scale: 1 });
  const texts = (await page.getTextContent()).items.filter((item): item is TextItem => "str" in item);
  return texts.map(({ str, transform, width, height }, index) => {
    const [left = 0, bottom = 0] = viewport.convertToViewportPoint(transform[4], transform[5]) as number[];
    return {
      page: number,
      index,
      text: str,
      left: left / viewport.width,
      width: width / viewport.width,
      middle: (bottom - height / 2) / viewport.height,
    };
  });
}

function holds(box: Box, x: number, y: number): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}
