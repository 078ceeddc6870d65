import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { readXml, type XmlHandler } from "../xml.ts";
import { createStyles } from "./styles.ts";
import { createTextReader } from "./text-reader.ts";

/** Reads the content of an OpenDocument presentation or drawing, page by page; no hidden pages. */
export async function* readSlides(chunks: AsyncIterable<Uint8Array>, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const slides: ParseEvent[] = [];
  const styles = createStyles();
  let flow = new FlowWriter(limits.maxChars);
  let reader: XmlHandler | undefined;
  let number = 0;
  await readXml(chunks, {
    open(name, attributes) {
      styles.open(name, attributes);
      if (name === "page") {
        if (++number > limits.maxPages) throw new ParseFailure("TOO_LARGE");
        flow = new FlowWriter(limits.maxChars);
        reader = createTextReader(flow, styles);
      }
      reader?.open?.(name, attributes);
    },
    text: (text) => reader?.text?.(text),
    close(name) {
      reader?.close?.(name);
      if (name !== "page") return;
      const part = flow.finish();
      if (part.text) slides.push({ kind: "part", page: 0, slide: number, part });
      reader = undefined;
    },
  });
  if (slides.length === 0) throw new ParseFailure("NO_TEXT");
  yield { kind: "opened", pageCount: 0 };
  yield* slides;
}
