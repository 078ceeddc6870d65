import type { HeadingStep } from "../headings.ts";
import type { ParseReply } from "../parse-child/messages.ts";
import { ParseFailure } from "../parsers/failure.ts";
import type { ParsingLimits } from "./limits.ts";

/** A file's text and what was found in it. Offsets are UTF-16 units into `text`. */
export type ParsedFile = {
  readonly text: string;
  readonly pages: readonly ParsedPage[];
  readonly passages: readonly PlacedPassage[];
  /** 0 where the source has no pages. */
  readonly pageCount: number;
  readonly failedPages: number;
};

/** A page with its packed words, whose offsets count from the page's start. */
export type ParsedPage = {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly words: Buffer;
};

/** A passage with its packed boxes. */
export type PlacedPassage = {
  readonly start: number;
  readonly end: number;
  readonly page: number;
  readonly slide: number;
  readonly sheet: string;
  readonly timeStart: number;
  readonly timeEnd: number;
  readonly headingPath: readonly string[];
  readonly headings: readonly HeadingStep[];
  readonly boxes: Buffer;
};

/** Thrown at output that no honest child writes. */
export class ForeignReplyError extends Error {}

/** Gathers the child's replies, believing none of them. `add` throws ParseFailure TOO_LARGE for too many passages. */
export function createCollector(limits: ParsingLimits): {
  add(reply: Exclude<ParseReply, { kind: "failed" }>): void;
  finish(): ParsedFile;
} {
  const texts: string[] = [];
  const pages: ParsedPage[] = [];
  const passages: PlacedPassage[] = [];
  let length = 0;
  let pageCount = 0;
  let failedPages = 0;

  const adders = {
    opened: ({ pageCount: count }: ReplyOf<"opened">) => {
      pageCount = count;
      expect(isCount(count, limits.maxPages));
    },
    text: ({ page, text, words }: ReplyOf<"text">) => {
      expect(isCount(page, pageCount) && typeof text === "string" && typeof words === "string");
      if (page > 0) {
        expect(page === pages.length + 1);
        pages.push({
          number: page,
          start: length,
          end: length + text.trimEnd().length,
          words: Buffer.from(words, "base64"),
        });
      }
      texts.push(text.toWellFormed().replaceAll("\0", " "));
      length += text.length;
      expect(length <= limits.maxChars + limits.maxPages * 2);
    },
    passages: (reply: ReplyOf<"passages">) => {
      for (const passage of reply.passages) {
        const { start, end, page, slide, sheet, timeStart, timeEnd, headingPath, headings, boxes } = passage;
        const after = passages[passages.length - 1]?.end ?? 0;
        expect(isCount(start, length) && isCount(end, length) && start >= after && end > start);
        expect(isCount(page, pageCount) && typeof boxes === "string" && isHeadingPath(headingPath));
        expect(Array.isArray(headings) && headings.every((step) => isHeadingStep(step, end - start)));
        expect(isCount(slide, limits.maxPages) && isTitle(sheet) && isTime(timeStart) && isTime(timeEnd));
        const place = { page, slide, sheet, timeStart, timeEnd };
        passages.push({
          start,
          end,
          ...place,
          headingPath: [...headingPath],
          headings: headings.map(({ at, keep, titles }) => ({ at, keep, titles: [...titles] })),
          boxes: Buffer.from(boxes, "base64"),
        });
      }
      if (passages.length > limits.maxPassages) throw new ParseFailure("TOO_LARGE");
    },
    slice: ({ pagesDone }: ReplyOf<"slice">) => expect(isCount(pagesDone, pageCount)),
    done: (reply: ReplyOf<"done">) => {
      failedPages = reply.failedPages;
      expect(isCount(failedPages, pageCount));
    },
  };

  return {
    add: (reply) => {
      const add = Object.hasOwn(adders, reply.kind) ? (adders[reply.kind] as (reply: unknown) => void) : undefined;
      if (!add) throw new ForeignReplyError();
      add(reply);
    },
    finish: () => ({ text: texts.join(""), pages, passages, pageCount, failedPages }),
  };
}

type ReplyOf<Kind extends ParseReply["kind"]> = Extract<ParseReply, { kind: Kind }>;

function expect(condition: boolean): void {
  if (!condition) throw new ForeignReplyError("The child's reply makes no sense.");
}

const isCount = (value: unknown, most: number) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

const isTime = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;

const isTitle = (value: unknown) => typeof value === "string" && value.length <= 200;

const isHeadingStep = (step: Partial<HeadingStep> | null, length: number) =>
  isCount(step?.at, length) && isCount(step?.keep, 8) && isHeadingPath(step?.titles);

const isHeadingPath = (path: unknown) => Array.isArray(path) && path.length <= 8 && path.every(isTitle);
