import { FlowWriter } from "./flow-writer.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { wholeSource } from "./text.ts";
import { attribute, readXml } from "./xml.ts";

const spoken = new Set(["text", "title", "desc"]);
const hidden = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d]))/i;

/** Reads a drawing (SVG): its labels, title and description. Scripts and what it refers to are left alone. */
export async function* parseSvg(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const flow = new FlowWriter(limits.maxChars);
  let spokenDepth = 0;
  let hiddenDepth = 0;
  await readXml(chunks(bytes), {
    open(name, attributes) {
      const isHidden = attribute(attributes, "display") === "none" || hidden.test(attributes.style ?? "");
      if (hiddenDepth > 0 || isHidden || name === "defs") hiddenDepth++;
      else if (spokenDepth > 0 || spoken.has(name)) spokenDepth++;
      return undefined;
    },
    text(text) {
      if (spokenDepth > 0 && hiddenDepth === 0) flow.text(text.replace(/\s+/g, " "));
    },
    close() {
      if (hiddenDepth > 0) hiddenDepth--;
      else if (spokenDepth > 0 && --spokenDepth === 0) flow.endParagraph();
    },
  });
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

const pieceBytes = 65_536;

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
