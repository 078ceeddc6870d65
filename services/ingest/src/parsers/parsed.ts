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

/** A stretch of text with its structure: a page, or a whole source that has no pages. Offsets count from its start. */
export type ParsedPart = {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly words: readonly Word[];
};

/** What a parser is told about the limits of its output. */
export type ParseLimits = {
  /** More pages are TOO_LARGE. */
  readonly maxPages: number;
  /** More characters are TOO_LARGE. */
  readonly maxChars: number;
  /** Pages between two signs of life. */
  readonly pagesPerSlice: number;
};

/** What a parser tells on its way. */
export type ParseEvent =
  | { readonly kind: "opened"; readonly pageCount: number }
  /** `page` from 1, or 0 where the source has none. */
  | { readonly kind: "part"; readonly page: number; readonly part: ParsedPart }
  | { readonly kind: "pageFailed"; readonly page: number }
  | { readonly kind: "slice"; readonly pagesDone: number };

/** Reads one kind of file; throws `ParseFailure` where there is nothing to read. */
export type Parser = (bytes: Uint8Array, limits: ParseLimits) => AsyncIterable<ParseEvent>;
