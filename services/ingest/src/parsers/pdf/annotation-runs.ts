import type { PDFPageProxy } from "unpdf/pdfjs";
import { clean } from "../decode.ts";
import { multiply, type PageView } from "./page-view.ts";
import type { Run } from "./run.ts";

/** Annotations a reader sees as text on the page: notes typed onto it, and what forms are filled with. */
type Annotation = {
  readonly subtype?: string;
  readonly annotationFlags?: number;
  readonly rect?: readonly number[];
  readonly textContent?: readonly string[];
  readonly contentsObj?: { readonly str?: string };
  readonly fieldType?: string;
  readonly fieldValue?: unknown;
};

/** Flags of ISO 32000-1, 12.5.3: hidden, and not to be viewed. */
const unseen = 2 | 32;

/** The text of a page's annotations, line by line within their rectangles. */
export async function readAnnotationRuns(page: PDFPageProxy, view: PageView): Promise<Run[]> {
  const annotations = (await page.getAnnotations({ intent: "display" })) as Annotation[];
  return annotations.flatMap((annotation) => {
    if (((annotation.annotationFlags ?? 0) & unseen) !== 0) return [];
    const lines = linesOf(annotation)
      .map(clean)
      .filter((line) => line.trim());
    return annotation.rect
      ? lines.map((line, index) => toRun(line, index / lines.length, 1 / lines.length, annotation, view))
      : [];
  });
}

function linesOf({ subtype, textContent, contentsObj, fieldType, fieldValue }: Annotation): string[] {
  if (subtype === "FreeText") return textContent?.length ? [...textContent] : (contentsObj?.str ?? "").split(/[\r\n]+/);
  if (subtype !== "Widget" || (fieldType !== "Tx" && fieldType !== "Ch")) return [];
  const values = Array.isArray(fieldValue) ? fieldValue : [fieldValue];
  return values.filter((value) => typeof value === "string").flatMap((value) => value.split(/[\r\n]+/));
}

/** A line that takes `share` of the annotation's height, from `top` down. */
function toRun(text: string, top: number, share: number, { rect = [] }: Annotation, view: PageView): Run {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = rect;
  const corners = [
    multiply(view.transform, [1, 0, 0, 1, x1, y1]),
    multiply(view.transform, [1, 0, 0, 1, x2, y2]),
  ] as const;
  const left = Math.min(corners[0][4], corners[1][4]);
  const right = Math.max(corners[0][4], corners[1][4]);
  const upper = Math.min(corners[0][5], corners[1][5]);
  const height = Math.abs(corners[0][5] - corners[1][5]);
  const lineHeight = Math.max(1, height * share);
  const baseline = upper + height * top + lineHeight * 0.8;
  return {
    text,
    along: [1, 0],
    up: [0, -1],
    origin: [left, baseline],
    start: left,
    end: right,
    across: baseline,
    size: nominalSize,
    ascent: (lineHeight * 0.8) / nominalSize,
    descent: (lineHeight * -0.2) / nominalSize,
    rightToLeft: false,
  };
}

/** Small, so that a note in a large box is not taken for a heading. */
const nominalSize = 8;
