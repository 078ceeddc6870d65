/** A piece of a document's structure; offsets are UTF-16 units into the document's text. */
export type Block = {
  /** `rows` are cut between lines only: tables, code, lists. */
  readonly kind: "heading" | "paragraph" | "rows";
  readonly start: number;
  readonly end: number;
  /** Of a heading: smaller is further out. 0 otherwise. */
  readonly rank: number;
};

/** A word and where it stands on its page, as fractions of the page's width and height from its top left. */
export type Word = {
  readonly start: number;
  readonly end: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** A stretch of text that was spoken, or shown, at some time: seconds from the source's start. */
export type Cue = {
  readonly start: number;
  readonly end: number;
  readonly timeStart: number;
  readonly timeEnd: number;
};

/** A stretch of text with its structure: a page, a slide, a sheet, or a whole source. Offsets count from its start. */
export type ParsedPart = {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly words: readonly Word[];
  /** In order; only of sources that have a time. */
  readonly cues?: readonly Cue[];
};

/** What a parser is told about the limits of its output. */
export type ParseLimits = {
  /** More pages are TOO_LARGE. */
  readonly maxPages: number;
  /** More characters are TOO_LARGE. */
  readonly maxChars: number;
  /** Pages between two signs of life. */
  readonly pagesPerSlice: number;
  /** More bytes taken out of an archive are TOO_LARGE. */
  readonly maxInflatedBytes: number;
  /** More entries of an archive are TOO_LARGE. */
  readonly maxArchiveEntries: number;
};

/** What a parser tells on its way. */
export type ParseEvent =
  | { readonly kind: "opened"; readonly pageCount: number }
  /** `page` from 1, or 0 where the source has none; `slide` from 1, `sheet` by name, where it has them. */
  | {
      readonly kind: "part";
      readonly page: number;
      readonly slide?: number;
      readonly sheet?: string;
      readonly part: ParsedPart;
    }
  | { readonly kind: "pageFailed"; readonly page: number }
  | { readonly kind: "slice"; readonly pagesDone: number };

/** Reads one kind of file; throws `ParseFailure` where there is nothing to read. */
export type Parser = (bytes: Uint8Array, limits: ParseLimits) => AsyncIterable<ParseEvent>;
