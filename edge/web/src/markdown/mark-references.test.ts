import type { Element, Root } from "hast";
import { expect, test } from "vitest";
import { markReferences } from "./mark-references.ts";

/** The words of a paragraph after marking, each reference as `<n>`. */
function mark(text: string, numbers: number[], tagName = "p"): string {
  const root: Root = {
    type: "root",
    children: [{ type: "element", tagName, properties: {}, children: [{ type: "text", value: text }] }],
  };
  markReferences(new Set(numbers))()(root);
  const say = (node: Element | Root): string =>
    node.children
      .map((child) => {
        if (child.type === "text") return child.value;
        if (child.type !== "element") return "";
        return child.tagName === "cite" ? `<${child.properties.dataNumber}>` : say(child);
      })
      .join("");
  return say(root);
}

test("numbers in brackets become references where there is such a reference", () => {
  expect(mark("Spring tides [1]. See [9] of the book [2][1].", [1, 2])).toBe(
    "Spring tides<1>. See [9] of the book<2><1>.",
  );
});

test("a reference at the very beginning stands alone", () => {
  expect(mark("[1] says so", [1])).toBe("<1> says so");
});

test("code and links keep their brackets", () => {
  expect([mark("list[1]", [1], "code"), mark("book [1]", [1], "a")]).toEqual(["list[1]", "book [1]"]);
});

test("the word before a reference stays on its line", () => {
  const root: Root = { type: "root", children: [{ type: "text", value: "the tides [1]" }] };
  markReferences(new Set([1]))()(root);
  expect(root.children.map((child) => (child.type === "element" ? child.properties.className : child))).toEqual([
    { type: "text", value: "the " },
    ["kept"],
  ]);
});
