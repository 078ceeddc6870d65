import type { PDFPageProxy } from "unpdf/pdfjs";
import { readAnnotationRuns } from "./annotation-runs.ts";
import type { Matrix, PageView } from "./page-view.ts";
import { type Run, toRun } from "./run.ts";
import type { TextContent } from "./text-content.ts";

/** A page with more characters than this is no page for people; reading it ends here. */
const maxPageChars = 500_000;

/** A page's text in the order of the file, and how the page is seen. Throws if the page is broken or holds too much. */
export async function readRuns(page: PDFPageProxy): Promise<{ view: PageView; runs: Run[] }> {
  const { width, height, transform } = page.getViewport({ scale: 1 });
  const view = { width, height, transform: transform as unknown as Matrix };
  const runs: Run[] = [];
  let chars = 0;
  const styles: TextContent["styles"] = {};
  const reader = page.streamTextContent({}).getReader();
  for (;;) {
    const { value, done } = (await reader.read()) as { value?: TextContent; done: boolean };
    if (done || !value) break;
    Object.assign(styles, value.styles);
    for (const item of value.items) {
      if (!("str" in item)) continue;
      chars += item.str.length;
      const run = toRun(item, styles[item.fontName], view);
      if (run) runs.push(run);
    }
    if (chars > maxPageChars) {
      await reader.cancel(new Error("too much text"));
      throw new Error(`More than ${maxPageChars} characters on page ${page.pageNumber}.`);
    }
  }
  runs.push(...(await readAnnotationRuns(page, view)));
  return { view, runs };
}
