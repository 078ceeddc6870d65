import { createReadStream, readFileSync, writeSync } from "node:fs";
import { boxesBetween, packBoxes, packWords } from "../boxes.ts";
import { ParseFailure } from "../parsers/failure.ts";
import type { Cue, ParseEvent } from "../parsers/parsed.ts";
import type { ParserTable } from "../parsers/product-parsers.ts";
import { sniffSource } from "../parsers/sniff.ts";
import { cutPassages, type HeadingTrail, maxTitleLength } from "../passages.ts";
import { createFrameReader, type ParsedPassage, type ParseReply, type ParseRequest, toFrame } from "./messages.ts";

/** Serves requests from standard input, one after the other, with replies on standard output, until the input ends. */
export async function serveParses(parsers: ParserTable): Promise<void> {
  // A library's stray promise is no reason to lose the file.
  process.on("unhandledRejection", () => {});
  const readFrames = createFrameReader(65_536);
  for await (const chunk of createReadStream("", { fd: 0 })) {
    for (const frame of readFrames(chunk as Buffer)) await serve(parsers, JSON.parse(frame.toString("utf8")));
  }
}

async function serve(parsers: ParserTable, request: ParseRequest): Promise<void> {
  try {
    reply({ kind: "done", failedPages: await parse(parsers, request) });
  } catch (error) {
    reply({ kind: "failed", reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown) {
  if (error instanceof ParseFailure) return error.reason;
  // Reading past a buffer's end is a RangeError too, but has a code.
  const isMemory = error instanceof RangeError && !("code" in error) && /alloc|memory|length/i.test(error.message);
  return isMemory ? "OUT_OF_MEMORY" : "CORRUPT";
}

async function parse(parsers: ParserTable, { path, mediaType, limits }: ParseRequest): Promise<number> {
  const bytes = new Uint8Array(readFileSync(path));
  const parser = await parsers[sniffSource(bytes, mediaType)]();
  let failedPages = 0;
  let offset = 0;
  let trail: HeadingTrail = [];
  for await (const event of parser(bytes, limits)) {
    if (event.kind === "part") {
      const isPage = event.page > 0;
      if (!isPage && offset > 0) {
        reply({ kind: "text", page: 0, text: pageBreak, words: "" });
        offset += pageBreak.length;
      }
      // Headings hold from page to page; slides, sheets and chapters stand for themselves.
      trail = replyPart(event, offset, isPage ? trail : []);
      offset += event.part.text.length + (isPage ? pageBreak.length : 0);
      if (!isPage && offset > limits.maxChars) throw new ParseFailure("TOO_LARGE");
    } else if (event.kind === "pageFailed") {
      failedPages++;
      reply({ kind: "text", page: event.page, text: pageBreak, words: "" });
      offset += pageBreak.length;
    } else {
      reply(event);
    }
  }
  return failedPages;
}

type PartEvent = Extract<ParseEvent, { kind: "part" }>;

const pageBreak = "\n\n";
const textPieceLength = 500_000;
const passagesPerReply = 500;

function replyPart(event: PartEvent, offset: number, trail: HeadingTrail): HeadingTrail {
  const { page, slide = 0, sheet = "", part } = event;
  const words = part.words.length > 0 ? packWords(part.words).toString("base64") : "";
  if (page > 0) {
    reply({ kind: "text", page, text: part.text + pageBreak, words });
  } else {
    for (let at = 0; at < part.text.length; at += textPieceLength) {
      reply({ kind: "text", page, text: part.text.slice(at, at + textPieceLength), words });
    }
  }
  const cut = cutPassages(part.text, part.blocks, trail);
  const timeOf = createClock(part.cues);
  let passages: ParsedPassage[] = [];
  for (const { start, end, headingPath, headings } of cut.passages) {
    const boxes = packBoxes(boxesBetween(part.words, page, start, end)).toString("base64");
    const place = { page, slide, sheet: sheet.slice(0, maxTitleLength).toWellFormed(), ...timeOf(start, end) };
    passages.push({ start: start + offset, end: end + offset, ...place, headingPath, headings, boxes });
    if (passages.length < passagesPerReply) continue;
    reply({ kind: "passages", passages });
    passages = [];
  }
  if (passages.length > 0) reply({ kind: "passages", passages });
  return cut.trail;
}

/** Says when a text is spoken, of one text after the other: its first cue's beginning to its cues' last end. */
function createClock(cues: readonly Cue[] = []) {
  let first = 0;
  return (start: number, end: number): { timeStart: number; timeEnd: number } => {
    while ((cues[first]?.end ?? end) <= start) first++;
    let timeEnd = 0;
    for (let at = first; (cues[at]?.start ?? end) < end; at++) timeEnd = Math.max(timeEnd, cues[at]?.timeEnd ?? 0);
    return { timeStart: timeEnd > 0 ? (cues[first]?.timeStart ?? 0) : 0, timeEnd };
  };
}

/** Written in one blocking go: the parent reads, or ends this process. */
function reply(message: ParseReply): void {
  const frame = toFrame(message);
  for (let at = 0; at < frame.length; ) {
    try {
      at += writeSync(1, frame, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
