import type { FlowWriter, ParagraphStyle } from "../flow-writer.ts";
import { type Attributes, attribute, type XmlHandler } from "../xml.ts";
import type { Styles } from "./styles.ts";

/** What stands in a paragraph's place but is not its text, or says again what stands elsewhere. */
const skipped = new Set(
  `tracked-changes forms binary-data note-citation ruby-text hidden-text title desc table-of-content alphabetical-index
  illustration-index table-index object-index user-index`.split(/\s+/),
);
const furniture: readonly (string | undefined)[] = ["date-time", "footer", "header", "page-number"];

type Paragraph = { text: string; readonly rank?: number };
/** Between a note and its paragraphs, which are those past `around`, stand its author and its date. */
type Note = { text: string; readonly around: number };
type List = { readonly style: string; count: number };

const maxSpaces = 100;

/** Hears the elements of an OpenDocument body, and adds its text to `flow`. */
export function createTextReader(flow: FlowWriter, styles: Styles): XmlHandler {
  /** A frame holds paragraphs, and stands in one, which follows them; so do notes, which follow it. */
  const paragraphs: Paragraph[] = [];
  const notes: Note[] = [];
  const written: Note[] = [];
  let lists: List[] = [];
  const listsAround: List[][] = [];
  let mark = "";
  let skippedDepth = 0;
  /** Open elements within a slide's title. */
  let titleDepth = 0;

  const isSkipped = (name: string, attributes: Attributes) =>
    skipped.has(name) || styles.hides(attributes) || furniture.includes(attribute(attributes, "class"));

  const writeNotes = () => {
    for (const note of written.splice(0)) {
      flow.text(note.text);
      flow.endParagraph();
    }
  };
  const endParagraph = () => {
    const paragraph = paragraphs.pop();
    if (!paragraph) return;
    const note = notes.at(-1);
    if (note && paragraphs.length >= note.around) {
      note.text += `${paragraph.text}\n`;
      return;
    }
    flow.text(paragraph.text);
    flow.endParagraph(styleOf(paragraph));
    if (paragraphs.length === 0) writeNotes();
  };
  const styleOf = ({ text, rank }: Paragraph): ParagraphStyle => {
    if (rank !== undefined) return { kind: "heading", rank };
    if (lists.length === 0 || !text.trim()) return { kind: "paragraph" };
    const style = { kind: "item", depth: lists.length - 1, mark } as const;
    mark = "";
    return style;
  };
  const write = (text: string) => {
    const paragraph = paragraphs.at(-1);
    if (paragraph) paragraph.text += text;
  };

  const openers: Record<string, (attributes: Attributes) => void> = {
    p: () => paragraphs.push({ text: "", ...(titleDepth > 0 && { rank: 1 }) }),
    h: (attributes) => paragraphs.push({ text: "", rank: Number(attribute(attributes, "outline-level") ?? 1) }),
    s: (attributes) => write(" ".repeat(Math.min(Number(attribute(attributes, "c") ?? 1) || 1, maxSpaces))),
    tab: () => write("\t"),
    "line-break": () => write("\n"),
    note: () => notes.push({ text: "", around: paragraphs.length }),
    annotation: () => notes.push({ text: "", around: paragraphs.length }),
    list: (attributes) => {
      // Lists within lists go on in the style of the outermost.
      lists.push({ style: attribute(attributes, "style-name") ?? lists.at(-1)?.style ?? "", count: 0 });
    },
    "list-item": () => {
      const list = lists.at(-1);
      if (list) mark = styles.isNumbered(list.style, lists.length) ? `${++list.count}. ` : "- ";
    },
    table: () => {
      flow.openTable();
      listsAround.push(lists);
      lists = [];
    },
    "table-row": () => flow.openRow(),
    "table-cell": (attributes) => {
      flow.openCell();
      flow.widenCell(Number(attribute(attributes, "number-columns-spanned")));
    },
  };
  const closers: Record<string, () => void> = {
    p: endParagraph,
    h: endParagraph,
    note: () => written.push(...notes.splice(-1)),
    annotation: () => written.push(...notes.splice(-1)),
    list: () => lists.pop(),
    "table-header-rows": () => flow.markHeader(),
    "table-cell": () => flow.closeCell(),
    table: () => {
      flow.closeTable();
      lists = listsAround.pop() ?? [];
    },
  };

  return {
    open(name, attributes) {
      if (skippedDepth > 0 || isSkipped(name, attributes)) {
        skippedDepth++;
        return;
      }
      if (titleDepth > 0 || attribute(attributes, "class") === "title") titleDepth++;
      openers[name]?.(attributes);
    },
    text(text) {
      if (skippedDepth === 0 && paragraphs.length !== notes.at(-1)?.around) write(text.replace(/[ \t\r\n]+/g, " "));
    },
    close(name) {
      if (skippedDepth > 0) {
        skippedDepth--;
        return;
      }
      closers[name]?.();
      if (titleDepth > 0) titleDepth--;
    },
  };
}
