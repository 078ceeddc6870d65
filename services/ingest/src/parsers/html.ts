import { Parser } from "htmlparser2";
import { decodeText } from "./decode.ts";
import { ParseFailure } from "./failure.ts";
import { FlowWriter } from "./flow-writer.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { wholeSource } from "./text.ts";
import type { Attributes } from "./xml.ts";

/** Reads a web page: what a reader sees of it, without scripts, navigation and hidden text. Nothing it names is fetched. */
export async function* parseHtml(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const html = decodeText(bytes, limits.maxChars, declaredEncoding(bytes));
  const flow = new FlowWriter(limits.maxChars);
  writeHtml(flow, html);
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

/** What the page says of its encoding within the bytes in which browsers look for it. */
function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString("latin1");
  return /<(?:meta\s|\?xml\s)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)/i.exec(head)?.[1];
}

const unseen = new Set(
  "script style template noscript svg iframe object embed nav select datalist textarea audio video canvas map".split(
    " ",
  ),
);
const blocks = new Set(
  `address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form head header
  hgroup hr html legend li main menu ol p pre section summary table tbody tfoot thead title caption tr ul h1 h2 h3 h4 h5 h6`.split(
    /\s+/,
  ),
);

// Every tag that closes nothing looks through all that are open.
const maxDepth = 3_000;

/** Adds the text of a page, or of a piece of one, to a flow. Throws ParseFailure CORRUPT for elements nested without end. */
export function writeHtml(flow: FlowWriter, html: string): void {
  const reader = createReader(flow, topHeadingOf(html));
  const parser = new Parser(reader, { recognizeSelfClosing: true });
  // What a document type declares is no text; browsers never read it.
  const body = html.trimStart().replace(/^(?:<\?xml[^>]*>\s*)?<!doctype[^>[]*\[[\s\S]*?\]\s*>/i, "");
  for (let at = 0; at < body.length; at += pieceLength) parser.write(body.slice(at, at + pieceLength));
  parser.end();
  flow.endParagraph();
}

const pieceLength = 65_536;

/** What the first heading says, unless it is long; the title often says the same. */
function topHeadingOf(html: string): string {
  const inside = /<h1(?:\s[^>]{0,500})?>([\s\S]{1,500}?)<\/h1/i.exec(html)?.[1] ?? "";
  return inside
    .replace(/<[^>]*>/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

type List = { readonly isOrdered: boolean; next: number };

function createReader(flow: FlowWriter, topHeading: string) {
  let depth = 0;
  /** Elements within an unseen one, which are unseen too. */
  let unseenDepth = 0;
  let preDepth = 0;
  let isTitle = false;
  let lists: List[] = [];
  /** Of the tables around: the lists they stand in. */
  const listsAround: List[][] = [];
  /** Of the item begun last: what stands before its first paragraph. */
  let mark = "";
  const rows: { names: number; values: number }[] = [];

  const endParagraph = () => {
    const list = lists.at(-1);
    if (preDepth > 0) flow.endParagraph({ kind: "code" });
    else if (!list) flow.endParagraph();
    else if (!flow.isBlank) {
      flow.endParagraph({ kind: "item", depth: lists.length - 1, mark });
      mark = "";
    }
  };

  const openers: Record<string, (attributes: Attributes) => void> = {
    br: () => flow.text("\n"),
    pre: () => preDepth++,
    ul: () => lists.push({ isOrdered: false, next: 1 }),
    ol: ({ start }) => lists.push({ isOrdered: true, next: Number.parseInt(start ?? "", 10) || 1 }),
    li: () => {
      const list = lists.at(-1);
      mark = list?.isOrdered ? `${list.next++}. ` : "- ";
    },
    table: () => {
      flow.openTable();
      listsAround.push(lists);
      lists = [];
    },
    tr: () => {
      flow.openRow();
      rows.push({ names: 0, values: 0 });
    },
    td: ({ colspan }) => openCell("values", colspan),
    th: ({ colspan }) => openCell("names", colspan),
  };
  const openCell = (kind: "names" | "values", colspan = "") => {
    const row = rows.at(-1);
    if (row) row[kind]++;
    flow.openCell();
    flow.widenCell(Number(colspan));
  };
  const closers: Record<string, () => void> = {
    ul: () => lists.pop(),
    ol: () => lists.pop(),
    pre: () => preDepth--,
    table: () => {
      flow.closeTable();
      lists = listsAround.pop() ?? [];
    },
    tr: () => {
      const row = rows.pop();
      if (row && row.names > 0 && row.values === 0) flow.markHeader();
    },
    td: () => flow.closeCell(),
    th: () => flow.closeCell(),
  };

  return {
    onopentag(name: string, attributes: Attributes) {
      if (++depth > maxDepth) throw new ParseFailure("CORRUPT");
      if (unseenDepth > 0 || unseen.has(name) || isHidden(attributes)) {
        unseenDepth++;
        return;
      }
      if (blocks.has(name)) endParagraph();
      isTitle ||= name === "title";
      openers[name]?.(attributes);
    },
    ontext(text: string) {
      if (unseenDepth === 0 && !(isTitle && text.trim() === topHeading))
        flow.text(preDepth > 0 ? text : text.replace(/[ \t\n\r\f]+/g, " "));
    },
    onclosetag(name: string) {
      depth--;
      if (unseenDepth > 0) {
        unseenDepth--;
        return;
      }
      if (name === "title") isTitle = false;
      if (name === "title") flow.endParagraph({ kind: "heading", rank: 0 });
      else if (/^h[1-6]$/.test(name)) flow.endParagraph({ kind: "heading", rank: Number(name[1]) });
      else if (blocks.has(name)) endParagraph();
      closers[name]?.();
    },
  };
}

function isHidden({ hidden, style = "", role }: Attributes): boolean {
  if (hidden !== undefined || role === "navigation") return true;
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|mso-hide\s*:\s*all)/i.test(
    style,
  );
}
