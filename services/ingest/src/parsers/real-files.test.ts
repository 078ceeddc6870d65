import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@lyceum/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unpackBoxes, unpackWords } from "../boxes.ts";
import { defaultLimits } from "../parsing/limits.ts";
import type { ParsedFile } from "../parsing/parsed-file.ts";
import { openParserPool, type ParserPool, parseChildEntry } from "../parsing/parser-pool.ts";
import { ParseFailure } from "./failure.ts";
import type { Word } from "./parsed.ts";

const data = process.env.LYCEUM_DATA ?? join(import.meta.dirname, "../../../../../shared/data");
const isThere = existsSync(data);
if (!isThere) console.warn(`SKIPPED: there are no real files at ${data}; set LYCEUM_DATA.`);

/** Files of parser-pdf without any text a reader sees: only pictures, hidden or empty fields, or a locked one. */
const textless = [
  "annotation_hidden_noview.pdf",
  "bitmap-halftone-skip-grid-template1.pdf",
  "bitmap-refine-customat-tpgron.pdf",
  "bitmap-refine-tpgron.pdf",
  "bitmap-trailing-7fff-stripped-harder.pdf",
  "issue14502.pdf",
  "issue15893_reduced.pdf",
  "issue16038.pdf",
  "issue6081.pdf",
  "issue9017_reduced.pdf",
  "widget_hidden_print.pdf",
];

const pdfsIn = (folder: string) =>
  isThere ? readdirSync(join(data, folder)).filter((name) => name.endsWith(".pdf")) : [];

describe.skipIf(!isThere)("real files", () => {
  let pool: ParserPool;
  beforeAll(async () => {
    pool = await openParserPool(await tempFolder(), { ...defaultLimits, sliceTimeoutMs: 20_000 }, parseChildEntry);
  });
  afterAll(() => pool[Symbol.asyncDispose]());

  async function parse(folder: string, name: string): Promise<ParsedFile | string> {
    async function* content() {
      yield readFileSync(join(data, folder, name));
    }
    const file = { ownerId: "ada", mediaType: "application/pdf", content: content() };
    return pool
      .parse(file, () => {}, new AbortController().signal)
      .catch((error: unknown) => {
        if (error instanceof ParseFailure) return error.reason;
        throw error;
      });
  }

  test("text is found where there is text", { timeout: 120_000 }, async () => {
    const failed = [];
    for (const name of pdfsIn("parser-pdf")) {
      const file = await parse("parser-pdf", name);
      if (typeof file === "string" || !file.text.trim()) failed.push(name);
    }
    expect(failed.filter((name) => !textless.includes(name))).toEqual([]);
  });

  test("hostile files end with text or a reason, none with a time-out", { timeout: 120_000 }, async () => {
    for (const name of pdfsIn("parser-hostile")) {
      const file = await parse("parser-hostile", name);
      const outcome = typeof file === "string" ? file : "READ";
      expect([name, ["READ", "NO_TEXT", "CORRUPT", "ENCRYPTED"].includes(outcome)]).toEqual([name, true]);
    }
    expect(await parse("parser-hostile", "testPassword4Spaces.pdf")).toBe("ENCRYPTED");
  });

  test("the words inside a passage's boxes are the passage", { timeout: 120_000 }, async () => {
    for (const name of pdfsIn("sec-10q")) {
      const file = await parse("sec-10q", name);
      if (typeof file === "string") throw new Error(`${name}: ${file}`);
      expect(file.failedPages).toBe(0);
      expect(file.passages.length).toBeGreaterThan(file.pageCount);
      const shares = file.passages.map((passage) => shareInside(file, passage));
      expect(shares.filter((share) => share > 0.97).length / shares.length).toBeGreaterThan(0.95);
    }
  });
});

/** Of the words whose middle lies inside a passage's boxes, the share that is the passage's, and the other way round. */
function shareInside(file: ParsedFile, passage: ParsedFile["passages"][number]): number {
  const page = file.pages[passage.page - 1];
  if (!page) throw new Error("A passage of a PDF stands on a page.");
  const boxes = unpackBoxes(passage.boxes);
  const isInside = ({ x, y, width, height }: Word) =>
    boxes.some(
      (box) =>
        x + width / 2 >= box.x &&
        x + width / 2 <= box.x + box.width &&
        y + height / 2 >= box.y &&
        y + height / 2 <= box.y + box.height,
    );
  const words = unpackWords(page.words).map((word) => ({ ...word, isInside: isInside(word) }));
  const own = words.filter(({ start, end }) => page.start + end > passage.start && page.start + start < passage.end);
  const inside = words.filter((word) => word.isInside);
  const both = own.filter((word) => word.isInside).length;
  const text = own.map(({ start, end }) => file.text.slice(page.start + start, page.start + end)).join("");
  const isWhole = text === file.text.slice(passage.start, passage.end).replace(/\s/g, "");
  return isWhole ? both / Math.max(own.length, inside.length) : 0;
}
