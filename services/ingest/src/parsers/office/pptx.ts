import type { Archive } from "../archive.ts";
import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { attribute, readXml } from "../xml.ts";
import { type Relation, readRelations } from "./relations.ts";
import { readShapes, type Shape } from "./shapes.ts";

/** Reads a PowerPoint presentation slide by slide: title, text and tables, then diagrams and notes; no hidden slides. */
export async function* parsePptx(archive: Archive, main: string, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const relations = new Map((await readRelations(archive, main)).map(({ id, target }) => [id, target]));
  const slides = await readSlideList(archive.read(main));
  if (slides.length > limits.maxPages) throw new ParseFailure("TOO_LARGE");
  yield { kind: "opened", pageCount: 0 };
  let isBlank = true;
  for (const [index, id] of slides.entries()) {
    const part = await readSlide(archive, relations.get(id) ?? "", limits);
    if (part.text) yield { kind: "part", page: 0, slide: index + 1, part };
    isBlank &&= !part.text;
    if (index % limits.pagesPerSlice === 0) yield { kind: "slice", pagesDone: 0 };
  }
  if (isBlank) throw new ParseFailure("NO_TEXT");
}

async function readSlideList(chunks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const ids: string[] = [];
  await readXml(chunks, {
    open(name, attributes) {
      if (name === "sldId") ids.push(attribute(attributes, "id") ?? "");
    },
  });
  return ids;
}

async function readSlide(archive: Archive, name: string, limits: ParseLimits) {
  const flow = new FlowWriter(limits.maxChars);
  const { isHidden, shapes } = await readShapes(archive.read(name), limits.maxChars);
  if (isHidden) return flow.finish();
  const relations = await readRelations(archive, name);
  const partsOf = (wanted: Relation["type"]) => relations.filter(({ type }) => type === wanted);
  for (const shape of shapes.filter(isTitle)) writeTitle(flow, shape);
  for (const shape of shapes.filter((shape) => !isTitle(shape))) writeShape(flow, shape);
  for (const { target } of partsOf("diagramData")) {
    for (const shape of (await readShapes(archive.read(target), limits.maxChars)).shapes) writeShape(flow, shape);
  }
  for (const { target } of partsOf("notesSlide")) {
    const notes = await readShapes(archive.read(target), limits.maxChars);
    for (const shape of notes.shapes.filter(({ placeholder }) => placeholder === "body")) writeShape(flow, shape);
  }
  return flow.finish();
}

const isTitle = ({ placeholder }: Shape) => placeholder === "title" || placeholder === "ctrTitle";

function writeTitle(flow: FlowWriter, { paragraphs }: Shape): void {
  flow.text(paragraphs.map(({ text }) => text).join(" "));
  flow.endParagraph({ kind: "heading", rank: 1 });
}

/** The same on every slide, or no text of its own. */
const furniture: readonly (string | undefined)[] = ["dt", "ftr", "hdr", "sldNum", "sldImg"];

function writeShape(flow: FlowWriter, { placeholder, paragraphs, rows }: Shape): void {
  if (furniture.includes(placeholder)) return;
  // A placeholder's paragraphs have bullets, a text box's have none.
  const isList = placeholder !== undefined && paragraphs.length > 1;
  for (const { text, level } of paragraphs) {
    flow.text(text);
    flow.endParagraph(isList ? { kind: "item", depth: level, mark: "- " } : { kind: "paragraph" });
  }
  if (!rows) return;
  flow.openTable();
  for (const row of rows) {
    flow.openRow();
    for (const cell of row) {
      flow.openCell();
      flow.text(cell);
      flow.closeCell();
    }
  }
  flow.closeTable();
}
