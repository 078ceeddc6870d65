import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParsedPart, ParseEvent, ParseLimits } from "../parsed.ts";
import type { CompoundFile } from "./compound-file.ts";

/** Types of records (MS-PPT, 2.13.24). */
const types = {
  slideList: 0x0ff0,
  slideEntry: 0x03f3,
  textHeader: 0x0f9f,
  wideText: 0x0fa0,
  narrowText: 0x0fa8,
  edit: 0x0ff5,
  directory: 0x1772,
};
const titles = [0, 6];
const encryptedToken = 0xf3d1c4df;

type Record = {
  readonly type: number;
  readonly instance: number;
  readonly isContainer: boolean;
  readonly body: Buffer;
};

/** Reads a presentation of PowerPoint 97 to 2003, slide by slide. */
export async function* parsePpt(file: CompoundFile, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const stream = file.read("PowerPoint Document") ?? Buffer.alloc(0);
  const user = file.read("Current User");
  if (!user || user.length < 20) throw new ParseFailure("CORRUPT");
  if (user.readUInt32LE(12) === encryptedToken) throw new ParseFailure("ENCRYPTED");
  const { objects, documentId } = readDirectory(stream, user.readUInt32LE(16));
  const slides = listSlides(recordAt(stream, objects.get(documentId)).body);
  if (slides.length > limits.maxPages) throw new ParseFailure("TOO_LARGE");
  yield { kind: "opened", pageCount: 0 };
  let isBlank = true;
  for (const [index, { id, records }] of slides.entries()) {
    const offset = objects.get(id);
    const shapes = offset === undefined ? [] : [...walk(recordAt(stream, offset).body)];
    const part = writeSlide([...records, ...shapes], limits);
    if (part.text) yield { kind: "part", page: 0, slide: index + 1, part };
    isBlank &&= !part.text;
  }
  if (isBlank) throw new ParseFailure("NO_TEXT");
}

/** Where each object stands now: every edit adds a list of those it changed, and names the edit before. */
function readDirectory(stream: Buffer, lastEdit: number) {
  const objects = new Map<number, number>();
  let documentId = 0;
  const seen = new Set<number>();
  for (let at = lastEdit; at > 0 && !seen.has(at); ) {
    seen.add(at);
    const edit = recordAt(stream, at);
    if (edit.type !== types.edit || edit.body.length < 20) throw new ParseFailure("CORRUPT");
    documentId ||= edit.body.readUInt32LE(16);
    const { type, body } = recordAt(stream, edit.body.readUInt32LE(12));
    if (type !== types.directory) throw new ParseFailure("CORRUPT");
    for (let entry = 0; entry + 4 <= body.length; ) {
      const head = body.readUInt32LE(entry);
      entry += 4;
      for (let count = 0; count < head >>> 20 && entry + 4 <= body.length; count++, entry += 4) {
        const id = (head & 0xfffff) + count;
        if (!objects.has(id)) objects.set(id, body.readUInt32LE(entry));
      }
    }
    at = edit.body.readUInt32LE(8);
  }
  return { objects, documentId };
}

/** The slides in their order, with the texts that the outline shows. */
function listSlides(document: Buffer): { id: number; records: Record[] }[] {
  const slides: { id: number; records: Record[] }[] = [];
  for (const { type, instance, body } of records(document)) {
    if (type !== types.slideList || instance !== 0) continue;
    for (const record of records(body)) {
      if (record.type === types.slideEntry && record.body.length >= 4) {
        slides.push({ id: record.body.readUInt32LE(0), records: [] });
      } else slides.at(-1)?.records.push(record);
    }
  }
  return slides;
}

function writeSlide(list: readonly Record[], limits: ParseLimits): ParsedPart {
  const flow = new FlowWriter(limits.maxChars);
  let isTitle = false;
  for (const { type, body } of list) {
    if (type === types.textHeader && body.length >= 4) isTitle = titles.includes(body.readUInt32LE(0));
    if (type !== types.wideText && type !== types.narrowText) continue;
    const text = body.toString(type === types.wideText ? "utf16le" : "latin1").replaceAll("\v", "\n");
    const paragraphs = isTitle ? [text.replaceAll("\r", " ")] : text.split("\r");
    for (const paragraph of paragraphs) {
      flow.text(paragraph);
      if (isTitle) flow.endParagraph({ kind: "heading", rank: 1 });
      else flow.endParagraph(paragraphs.length > 1 ? { kind: "item", depth: 0, mark: "- " } : undefined);
    }
  }
  return flow.finish();
}

/** All records within others, in order. */
function* walk(body: Buffer, depth = 0): Generator<Record> {
  for (const record of records(body)) {
    yield record;
    if (record.isContainer && depth < 16) yield* walk(record.body, depth + 1);
  }
}

function* records(body: Buffer): Generator<Record> {
  for (let at = 0; at + 8 <= body.length; ) {
    const record = recordAt(body, at);
    yield record;
    at += 8 + record.body.length;
  }
}

function recordAt(stream: Buffer, at = stream.length): Record {
  if (at + 8 > stream.length) throw new ParseFailure("CORRUPT");
  const head = stream.readUInt16LE(at);
  const end = at + 8 + stream.readUInt32LE(at + 4);
  return {
    type: stream.readUInt16LE(at + 2),
    instance: head >> 4,
    isContainer: (head & 15) === 15,
    body: stream.subarray(at + 8, Math.min(end, stream.length)),
  };
}
