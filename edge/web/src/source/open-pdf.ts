import type { File, Lyceum } from "@lyceum/client";
import { GlobalWorkerOptions, getDocument, PDFDataRangeTransport, type PDFDocumentProxy, PDFWorker } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = workerUrl;

const rangeChunkSize = 256 * 1024;

/** Opens a stored PDF, fetching only the parts its pages need. A part that can't be fetched ends it with `onError`. */
export function openPdf(
  lyceum: Lyceum,
  file: File,
  onError: (error: unknown) => void,
): { document: Promise<PDFDocumentProxy>; close: () => void } {
  const range = new FileRanges(lyceum, file, onError);
  const worker = new PDFWorker();
  const task = getDocument({
    worker,
    range,
    rangeChunkSize,
    disableAutoFetch: true,
    disableStream: true,
    cMapUrl: "/pdfjs/cmaps/",
    standardFontDataUrl: "/pdfjs/standard_fonts/",
    wasmUrl: "/pdfjs/wasm/",
    iccUrl: "/pdfjs/iccs/",
  });
  let opened = false;
  task.promise.then(
    () => {
      opened = true;
    },
    () => {},
  );
  return {
    document: task.promise,
    async close() {
      range.abort();
      // Asked to end while it opens a document, the worker would throw to nobody: then it is only ended from outside.
      if (opened) await task.destroy();
      worker.destroy();
    },
  };
}

/** Answers pdf.js's wishes for bytes through the client, so that a token that ends meanwhile is renewed. */
class FileRanges extends PDFDataRangeTransport {
  readonly #controller = new AbortController();
  readonly #fetch: (begin: number, end: number) => Promise<void>;

  constructor(lyceum: Lyceum, { id, sizeBytes }: File, onError: (error: unknown) => void) {
    super(Number(sizeBytes), null);
    const { signal } = this.#controller;
    this.#fetch = async (begin, end) => {
      try {
        const res = await lyceum.fetchContent(id, { start: begin, end: end - 1 }, signal);
        this.onDataRange(begin, new Uint8Array(await res.arrayBuffer()));
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
    };
  }

  override requestDataRange(begin: number, end: number): void {
    void this.#fetch(begin, end);
  }

  override abort(): void {
    this.#controller.abort();
  }
}
