import type { Nodes, Parents, RootContent } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { decodeText } from "./decode.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { PartWriter } from "./part-writer.ts";
import { paragraphsOf, wholeSource } from "./text.ts";

const processor = unified().use(remarkParse).use(remarkGfm);

/** Building the tree costs far more than the text; what is longer is read as plain text. */
const maxTreeChars = 2_000_000;

/** Reads Markdown: the words without their marks, headings with their depth, tables and code line by line. */
export async function* parseMarkdown(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const source = decodeText(bytes, limits.maxChars);
  if (source.length > maxTreeChars) {
    yield* wholeSource({ text: source, blocks: paragraphsOf(source), words: [] }, limits);
    return;
  }
  const { frontMatter, body } = splitFrontMatter(source);
  const writer = new PartWriter();
  if (frontMatter.trim()) writer.add("rows", frontMatter.trim());
  for (const node of processor.parse(body).children) write(writer, node);
  yield* wholeSource(writer.finish(), limits);
}

/** Between two lines of dashes at the very top; Markdown itself would take its last line for a heading. */
function splitFrontMatter(source: string): { frontMatter: string; body: string } {
  const match = /^---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/.exec(source);
  return match
    ? { frontMatter: match[1] ?? "", body: source.slice(match[0].length) }
    : { frontMatter: "", body: source };
}

function write(writer: PartWriter, node: RootContent): void {
  if (node.type === "heading") writer.add("heading", inline(node).replaceAll("\n", " "), { rank: node.depth });
  else if (node.type === "paragraph") writer.add("paragraph", inline(node));
  else if (node.type === "code") writer.add("rows", node.value);
  else if (node.type === "html") writer.add("paragraph", withoutTags(node.value));
  else if (node.type === "table") writer.add("rows", tableLines(node).join("\n"));
  else if (node.type === "list") writer.add("rows", listLines(node, "").join("\n"));
  else if ("children" in node) for (const child of node.children) write(writer, child);
}

function tableLines(table: Extract<RootContent, { type: "table" }>): string[] {
  return table.children.map((row) => row.children.map(inline).join("\t"));
}

/** A list with its nested lists, an item's further paragraphs indented below it. */
function listLines(list: Extract<RootContent, { type: "list" }>, indent: string): string[] {
  return list.children.flatMap((item, index) => {
    const mark = list.ordered ? `${(list.start ?? 1) + index}. ` : "- ";
    const lines = item.children.flatMap((child) => itemLines(child, `${indent}  `));
    const [first = "", ...rest] = lines;
    return [`${indent}${mark}${first.trimStart()}`, ...rest];
  });
}

function itemLines(node: RootContent, indent: string): string[] {
  if (node.type === "list") return listLines(node, indent);
  const writer = new PartWriter();
  write(writer, node);
  const { text } = writer.finish();
  return text ? text.split("\n").map((line) => indent + line) : [];
}

/** The words of a paragraph, a heading or a cell, without links' targets and pictures' addresses. */
function inline(node: Nodes): string {
  switch (node.type) {
    case "text":
      return node.value.replaceAll("\n", " ");
    case "inlineCode":
      return node.value;
    case "break":
      return "\n";
    case "image":
    case "imageReference":
      return node.alt ?? "";
    case "html":
      return /^<br\s*\/?>$/i.test(node.value) ? "\n" : "";
    case "footnoteReference":
      return "";
    default:
      return "children" in node ? (node as Parents).children.map(inline).join("") : "";
  }
}

/** A Markdown file's own HTML, as the words a reader would see. */
function withoutTags(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, "")
    .replace(/<[^<>]*>/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");
}
