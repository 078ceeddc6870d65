import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import { TextLayer } from "pdfjs-dist";
import { useEffect, useRef, useState } from "react";
import type { PageMarks } from "./marked-passage.ts";
import classes from "./source.module.css";

type Props = {
  pdf: PDFDocumentProxy;
  number: number;
  /** In CSS pixels. */
  width: number;
  /** Height ÷ width until the page itself is known. */
  ratio: number;
  /** Only pages near the view are drawn. */
  near: boolean;
  marks: PageMarks | undefined;
  onMarked: (element: Element) => void;
};

/** One page: its picture, its text for selection and reading aloud, and what is marked on it. */
export function PdfPage({ pdf, number, width, ratio, near, marks, onMarked }: Props) {
  const picture = useRef<HTMLCanvasElement>(null);
  const text = useRef<HTMLDivElement>(null);
  const [page, setPage] = useState<PDFPageProxy>();
  /** Whose words lie over the page by now. */
  const [laid, setLaid] = useState<PageMarks | "unmarked">();

  useEffect(() => {
    let left = false;
    if (near) {
      pdf.getPage(number).then(
        (found) => !left && setPage(found),
        () => {},
      );
    }
    return () => {
      left = true;
    };
  }, [pdf, number, near]);

  useEffect(() => {
    if (!near || !page || !picture.current || !text.current) return;
    return draw(page, width, picture.current, text.current, marks?.ranges ?? [], () => setLaid(marks ?? "unmarked"));
  }, [page, near, width, marks]);

  useEffect(() => {
    if (laid === undefined || laid === "unmarked") return;
    const target = text.current?.parentElement?.querySelector("mark, [data-box]");
    if (target) onMarked(target);
  }, [laid, onMarked]);

  const viewport = page?.getViewport({ scale: 1 });
  const height = width * (viewport ? viewport.height / viewport.width : ratio);
  return (
    <section
      className={classes.page}
      style={{ width, height, ["--total-scale-factor" as string]: viewport ? width / viewport.width : 1 }}
      data-page={number}
      aria-label={`Page ${number}`}
    >
      {near && (
        <>
          <canvas ref={picture} className={classes.picture} />
          <div ref={text} className={classes.text} />
          {marks && laid === marks && <Boxes marks={marks} layer={text.current} />}
        </>
      )}
    </section>
  );
}

/** The rectangles the passage was found in, left out where the marked words show them to be wrong. */
function Boxes({ marks: { ranges, boxes }, layer }: { marks: PageMarks; layer: HTMLElement | null }) {
  const frame = layer?.getBoundingClientRect();
  const words = Array.from(layer?.querySelectorAll("mark") ?? [], (mark) => mark.getBoundingClientRect());
  const right = boxes.filter((box) => {
    if (ranges.length === 0 || !frame) return true;
    const top = frame.top + box.y * frame.height;
    const left = frame.left + box.x * frame.width;
    return words.some(
      (word) =>
        word.top < top + box.height * frame.height &&
        word.bottom > top &&
        word.left < left + box.width * frame.width &&
        word.right > left,
    );
  });
  return right.map(({ x, y, width, height }) => (
    <div
      key={`${x} ${y} ${width} ${height}`}
      className={classes.box}
      style={{ left: share(x), top: share(y), width: share(width), height: share(height) }}
      data-box
      data-alone={ranges.length === 0 || undefined}
      data-testid="highlight-box"
    />
  ));
}

const share = (fraction: number) => `${fraction * 100}%`;

/** Draws the page and lays its text over it; answers how to stop. */
function draw(
  page: PDFPageProxy,
  width: number,
  canvas: HTMLCanvasElement,
  container: HTMLElement,
  ranges: PageMarks["ranges"],
  onText: () => void,
): () => void {
  const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
  const density = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.floor(viewport.width * density);
  canvas.height = Math.floor(viewport.height * density);
  const picture = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
  // Stopping a drawing rejects its promise.
  picture.promise.catch(() => {});

  container.replaceChildren();
  const layer = new TextLayer({ textContentSource: page.streamTextContent(), container, viewport });
  layer.render().then(
    () => {
      for (const [item, element] of layer.textDivs.entries()) {
        mark(
          element,
          ranges.filter((range) => range.item === item),
        );
      }
      onText();
    },
    () => {},
  );
  return () => {
    picture.cancel();
    layer.cancel();
  };
}

/** Wraps stretches of a text element's characters. */
function mark(element: HTMLElement, ranges: PageMarks["ranges"]): void {
  if (ranges.length === 0) return;
  const text = element.textContent;
  const parts: (string | HTMLElement)[] = [];
  let written = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const marked = document.createElement("mark");
    marked.dataset.testid = "highlight";
    marked.textContent = text.slice(Math.max(start, written), end);
    parts.push(text.slice(written, start), marked);
    written = Math.max(written, end);
  }
  element.replaceChildren(...parts, text.slice(written));
}
