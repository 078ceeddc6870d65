import type { Archive } from "../archive.ts";
import { ParseFailure } from "../failure.ts";
import { FlowWriter } from "../flow-writer.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { wholeSource } from "../text.ts";
import { readXml } from "../xml.ts";
import { readSheets } from "./read-sheets.ts";
import { readSlides } from "./read-slides.ts";
import { createStyles } from "./styles.ts";
import { createTextReader } from "./text-reader.ts";

/** Reads an OpenDocument text, spreadsheet or presentation (ISO/IEC 26300), without what its reader does not see. */
export async function* parseOdf(archive: Archive, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  if (await isEncrypted(archive)) throw new ParseFailure("ENCRYPTED");
  const kind = await kindOf(archive);
  if (kind === "text") yield* readText(archive, limits);
  else if (kind === "spreadsheet") yield* readSheets(archive.read("content.xml"), limits);
  else if (kind === "presentation" || kind === "drawing") yield* readSlides(archive.read("content.xml"), limits);
  else throw new ParseFailure("UNSUPPORTED");
}

async function* readText(archive: Archive, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const flow = new FlowWriter(limits.maxChars);
  const styles = createStyles();
  const reader = createTextReader(flow, styles);
  await readXml(archive.read("content.xml"), {
    ...reader,
    open(name, attributes) {
      styles.open(name, attributes);
      reader.open?.(name, attributes);
    },
  });
  yield* wholeSource(flow.finish(), limits, "NO_TEXT");
}

async function isEncrypted(archive: Archive): Promise<boolean> {
  let found = false;
  await readXml(archive.read("META-INF/manifest.xml"), {
    open(name) {
      found ||= name === "encryption-data";
    },
  });
  return found;
}

/** The name of the element in the document's body. */
async function kindOf(archive: Archive): Promise<string> {
  let isInBody = false;
  let kind = "";
  await readXml(archive.read("content.xml"), {
    open(name) {
      if (isInBody) {
        kind = name;
        return "stop";
      }
      isInBody = name === "body";
    },
  });
  return kind;
}
