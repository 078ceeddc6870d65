import type { Citation, File } from "@lyceum/client";
import { ActionIcon, Center, Loader } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import type { PDFDocumentProxy } from "pdfjs-dist";
import { useCallback, useEffect, useRef, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { findMarks, type PageMarks } from "./marked-passage.ts";
import { openPdf } from "./open-pdf.ts";
import { PdfPage } from "./pdf-page.tsx";
import classes from "./source.module.css";

const unmarked: ReadonlyMap<number, PageMarks> = new Map();
const zooms = [0.75, 1, 1.25, 1.5, 2, 2.5];

/** A PDF as it looks, page by page, opened at the cited words. */
export default function PdfSource({ file, citation }: { file: File; citation: Citation | undefined }) {
  const { pdf, ratio, error } = usePdf(file);
  const marks = useMarks(pdf, citation);
  const [zoom, setZoom] = useState(1);
  const { ref: sized, width: available } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const { near, at } = useView(scroller, pdf);
  const width = Math.max(0, Math.floor(available * zoom));

  useEffect(() => {
    const first = marks.keys().next().value;
    if (!pdf || first === undefined || width === 0) return;
    scroller.current?.querySelector(`[data-page="${first}"]`)?.scrollIntoView({ block: "start" });
  }, [pdf, marks, width]);
  const show = useCallback((element: Element) => {
    if (element.closest("[data-page]") === firstMarked(scroller.current)) element.scrollIntoView({ block: "center" });
  }, []);

  if (error) {
    return (
      <div className={classes.notice}>
        <ProblemNotice error={error} title="This PDF can't be shown" />
      </div>
    );
  }
  const step = (by: number) => setZoom((now) => zooms[zooms.indexOf(now) + by] ?? now);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={scroller} className={classes.pages} tabIndex={0} aria-label={`Pages of ${file.name}`}>
        <div ref={sized} className={classes.measure} />
        {!pdf && (
          <Center h="100%">
            <Loader aria-label="Opening the document" />
          </Center>
        )}
        {pdf &&
          width > 0 &&
          Array.from({ length: pdf.numPages }, (_, index) => index + 1).map((number) => (
            <PdfPage
              key={number}
              pdf={pdf}
              number={number}
              width={width}
              ratio={ratio}
              near={near.has(number)}
              marks={marks.get(number)}
              onMarked={show}
            />
          ))}
      </section>
      {pdf && (
        <div className={classes.tools}>
          <span className={classes.at}>
            Page {at} of {pdf.numPages}
          </span>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Smaller"
            disabled={zoom === zooms[0]}
            onClick={() => step(-1)}
          >
            <IconMinus aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Larger"
            disabled={zoom === zooms.at(-1)}
            onClick={() => step(1)}
          >
            <IconPlus aria-hidden size={16} />
          </ActionIcon>
        </div>
      )}
    </>
  );
}

const firstMarked = (scroller: Element | null) => scroller?.querySelector("mark, [data-box]")?.closest("[data-page]");

function usePdf(file: File) {
  const { lyceum } = useApp();
  const [pdf, setPdf] = useState<PDFDocumentProxy>();
  const [ratio, setRatio] = useState(1.3);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    let left = false;
    const { document, close } = openPdf(lyceum, file, setError);
    (async () => {
      const opened = await document;
      const { width, height } = (await opened.getPage(1)).getViewport({ scale: 1 });
      if (left) return;
      setRatio(height / width);
      setPdf(opened);
    })().catch((reason) => !left && setError(reason));
    return () => {
      left = true;
      setPdf(undefined);
      close();
    };
  }, [lyceum, file]);
  return { pdf, ratio, error };
}

function useMarks(pdf: PDFDocumentProxy | undefined, citation: Citation | undefined): ReadonlyMap<number, PageMarks> {
  const [marks, setMarks] = useState(unmarked);
  useEffect(() => {
    setMarks(unmarked);
    if (!pdf || !citation) return;
    let left = false;
    findMarks(pdf, citation).then(
      (found) => !left && setMarks(found),
      // A document closed meanwhile; what failed to open says so itself.
      () => {},
    );
    return () => {
      left = true;
    };
  }, [pdf, citation]);
  return marks;
}

/** Which pages are in view or close to it, and which one is read. */
function useView(scroller: React.RefObject<HTMLDivElement | null>, pdf: PDFDocumentProxy | undefined) {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set([1]));
  const [at, setAt] = useState(1);
  const observer = useRef<IntersectionObserver>(undefined);
  useEffect(() => {
    const root = scroller.current;
    if (!root || !pdf) return;
    const watching = new IntersectionObserver(
      (entries) =>
        setNear((known) => {
          const next = new Set(known);
          for (const { target, isIntersecting } of entries) {
            const number = Number((target as HTMLElement).dataset.page);
            if (isIntersecting) next.add(number);
            else next.delete(number);
          }
          return next;
        }),
      { root, rootMargin: "60% 0px" },
    );
    observer.current = watching;
    // Pages appear once the width is known.
    const arrivals = new MutationObserver(() => watchPages());
    const watchPages = () => {
      for (const page of root.querySelectorAll("[data-page]")) watching.observe(page);
    };
    arrivals.observe(root, { childList: true });
    watchPages();
    const read = () => {
      const { top, height } = root.getBoundingClientRect();
      const found = document.elementsFromPoint(root.getBoundingClientRect().left + 40, top + height * 0.4);
      const number = Number(found.map((e) => e.closest<HTMLElement>("[data-page]")?.dataset.page).find(Boolean));
      if (number) setAt(number);
    };
    root.addEventListener("scroll", read, { passive: true });
    return () => {
      watching.disconnect();
      arrivals.disconnect();
      root.removeEventListener("scroll", read);
    };
  }, [scroller, pdf]);
  return { near, at };
}
