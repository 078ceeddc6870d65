import type { Element, ElementContent, Root, RootContent, Text } from "hast";

/**
 * Turns `[n]` in the words of a text into `<cite data-number="n">` where reference n exists, for texts may hold brackets
 * of their own. The first of a row stays on the line of the last word before it.
 */
export function markReferences(numbers: ReadonlySet<number>): () => (root: Root) => void {
  return () => (root) => {
    if (numbers.size > 0) root.children = root.children.flatMap((child) => markNode(child, numbers)) as RootContent[];
  };
}

function markNode(node: RootContent | ElementContent, numbers: ReadonlySet<number>): (RootContent | ElementContent)[] {
  if (node.type === "text") return markText(node.value, numbers);
  if (node.type !== "element" || node.tagName === "code" || node.tagName === "a") return [node];
  const children = node.children.flatMap((child) => markNode(child, numbers)) as ElementContent[];
  return [{ ...node, children }];
}

function markText(text: string, numbers: ReadonlySet<number>): ElementContent[] {
  const parts: ElementContent[] = [];
  let end = 0;
  for (const match of text.matchAll(/\s*\[(\d+)\]/g)) {
    const number = Number(match[1]);
    if (!numbers.has(number)) continue;
    const before = text.slice(end, match.index);
    // Scripts without spaces have no last word to keep whole.
    const lastWord = Math.max(0, before.search(/\S{1,16}$/));
    if (before === "") parts.push(toCite(number));
    else parts.push(toText(before.slice(0, lastWord)), toKept(before.slice(lastWord), number));
    end = match.index + match[0].length;
  }
  return [...parts, toText(text.slice(end))].filter((part) => part.type !== "text" || part.value !== "");
}

const toText = (value: string): Text => ({ type: "text", value });

function toCite(number: number): Element {
  return { type: "element", tagName: "cite", properties: { dataNumber: number }, children: [] };
}

function toKept(word: string, number: number): Element {
  return {
    type: "element",
    tagName: "span",
    properties: { className: ["kept"] },
    children: [toText(word), toCite(number)],
  };
}
