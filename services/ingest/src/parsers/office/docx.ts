import type { Archive } from "../archive.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { wholeSource } from "../text.ts";
import { type Attributes, attribute, readXml, type XmlHandler } from "../xml.ts";
import { type ListCounter, readNumbering } from "./docx-numbering.ts";
import { isOn, readStyles, type Style } from "./docx-styles.ts";
import { readRelations } from "./relations.ts";

/** Reads a Word document: its body, then notes and comments. Hidden and deleted text and tables of contents are left out. */
export async function* parseDocx(archive: Archive, main: string, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const relations = await readRelations(archive, main);
  const partOf = (type: string) => relations.find((relation) => relation.type === type)?.target ?? "";
  const styles = await readStyles(archive.read(partOf("styles")));
  const lists = await readNumbering(archive.read(partOf("numbering")));
  const flow = new FlowWriter(limits.maxChars);
  for (const name of [main, partOf("footnotes"), partOf("endnotes"), partOf("comments")]) {
    await readXml(archive.read(name), createReader(flow, styles, lists));
  }
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

/** Deleted text, what is for programs that know less, and properties that look like content. */
const skipped = new Set(["del", "moveFrom", "Fallback", "sdtPr", "tabs", "pPrChange", "rPrChange"]);

type Paragraph = { text: string; style: Style; numberingId?: string; level?: number; rank?: number };
const plain: Style = { isHidden: false, isContents: false };

function createReader(flow: FlowWriter, styles: ReadonlyMap<string, Style>, lists: ListCounter): XmlHandler {
  /** A text box holds paragraphs, and stands in one, which follows them. */
  const paragraphs: Paragraph[] = [];
  let skippedDepth = 0;
  let isText = false;
  let isRunHidden = false;

  const write = (text: string) => {
    const paragraph = paragraphs.at(-1);
    if (paragraph && !isRunHidden && !paragraph.style.isHidden && !paragraph.style.isContents) paragraph.text += text;
  };
  const endParagraph = () => {
    const own: Paragraph = paragraphs.pop() ?? { text: "", style: plain };
    const { rank = own.style.rank, numberingId = own.style.numberingId ?? "0", level = own.style.level ?? 0 } = own;
    // Empty paragraphs are not counted.
    const mark = numberingId === "0" || !own.text.trim() ? "" : lists.next(numberingId, level);
    flow.text(own.text);
    if (rank !== undefined && rank < 10) flow.endParagraph({ kind: "heading", rank, mark });
    else if (mark) flow.endParagraph({ kind: "item", depth: level, mark });
    else flow.endParagraph();
  };

  const openers: Record<string, (value: string, attributes: Attributes) => void> = {
    p: () => paragraphs.push({ text: "", style: plain }),
    pStyle: (id) => setOwn({ style: styles.get(id) ?? plain }),
    numId: (numberingId) => setOwn({ numberingId }),
    ilvl: (level) => setOwn({ level: Number(level) }),
    outlineLvl: (level) => setOwn({ rank: Number(level) + 1 }),
    r: () => {
      isRunHidden = false;
    },
    rStyle: (id) => {
      isRunHidden ||= styles.get(id)?.isHidden ?? false;
    },
    vanish: (value) => {
      isRunHidden = isOn(value);
    },
    t: () => {
      isText = true;
    },
    tab: () => write("\t"),
    br: () => write("\n"),
    cr: () => write("\n"),
    noBreakHyphen: () => write("-"),
    tbl: () => flow.openTable(),
    tr: () => flow.openRow(),
    tblHeader: () => flow.markHeader(),
    tc: () => flow.openCell(),
    gridSpan: (columns) => flow.widenCell(Number(columns)),
  };
  const setOwn = (own: Partial<Paragraph>) => {
    const paragraph = paragraphs.at(-1);
    if (paragraph) Object.assign(paragraph, own);
  };
  const closers: Record<string, () => void> = {
    t: () => {
      isText = false;
    },
    p: () => {
      endParagraph();
      isRunHidden = false;
    },
    tc: () => flow.closeCell(),
    tbl: () => flow.closeTable(),
  };

  return {
    open(name, attributes) {
      if (skippedDepth > 0 || skipped.has(name)) skippedDepth++;
      else openers[name]?.(attribute(attributes, "val") ?? "", attributes);
    },
    text(text) {
      if (isText && skippedDepth === 0) write(text);
    },
    close(name) {
      if (skippedDepth > 0) skippedDepth--;
      else closers[name]?.();
    },
  };
}
