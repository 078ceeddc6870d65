import { ParseFailure } from "../failure.ts";
import { readXml } from "../xml.ts";

/** Something with text on a slide. */
export type Shape = {
  /** What the slide's layout has it for, such as `title` or `body`; undefined for what stands free. */
  placeholder: string | undefined;
  readonly paragraphs: { text: string; level: number }[];
  /** Of a table. */
  rows?: string[][];
};

/** The shapes of a slide, a page of notes or a diagram's data. Throws ParseFailure TOO_LARGE past `maxChars`. */
export async function readShapes(
  chunks: AsyncIterable<Uint8Array>,
  maxChars: number,
): Promise<{ isHidden: boolean; shapes: Shape[] }> {
  const shapes: Shape[] = [];
  let isHidden = false;
  let chars = 0;
  let shape: Shape | undefined;
  let paragraph: Shape["paragraphs"][number] | undefined;
  let cell: string[] | undefined;
  let isText = false;
  let skippedDepth = 0;

  const begin = (): Shape => {
    shape = { placeholder: undefined, paragraphs: [] };
    shapes.push(shape);
    return shape;
  };
  await readXml(chunks, {
    open(name, attributes) {
      if (skippedDepth > 0 || name === "Fallback") skippedDepth++;
      else if (name === "sld") isHidden = ["0", "false"].includes(attributes.show ?? "");
      else if (name === "sp" || name === "graphicFrame" || name === "pt") begin();
      else if (name === "ph" && shape) shape.placeholder = attributes.type ?? "body";
      else if (name === "tbl") (shape ?? begin()).rows = [];
      else if (name === "tr") shape?.rows?.push([]);
      else if (name === "tc") cell = [];
      else if (name === "p") paragraph = { text: "", level: 0 };
      else if (name === "pPr" && paragraph) paragraph.level = Number(attributes.lvl ?? 0);
      else if (name === "br" && paragraph) paragraph.text += "\n";
      else if (name === "t") isText = true;
    },
    text(text) {
      if (!isText || !paragraph || skippedDepth > 0) return;
      chars += text.length;
      if (chars > maxChars) throw new ParseFailure("TOO_LARGE");
      paragraph.text += text;
    },
    close(name) {
      if (skippedDepth > 0) skippedDepth--;
      else if (name === "t") isText = false;
      else if (name === "p" && paragraph) {
        if (cell) cell.push(paragraph.text);
        else if (paragraph.text.trim()) (shape ?? begin()).paragraphs.push(paragraph);
        paragraph = undefined;
      } else if (name === "tc") {
        shape?.rows?.at(-1)?.push((cell ?? []).join("\n"));
        cell = undefined;
      }
    },
  });
  return { isHidden, shapes };
}
