import { type Archive, openArchive } from "./archive.ts";
import { ParseFailure } from "./failure.ts";
import { findMainPart } from "./office/relations.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { readXml } from "./xml.ts";

/** Reads a document that is kept as a zip. Any other archive is UNSUPPORTED. */
export async function* parseZipped(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const archive = await openArchive(bytes, limits);
  const main = await findMainPart(archive);
  if (!main) throw new ParseFailure("UNSUPPORTED");
  const root = await rootOf(archive, main);
  if (root === "document") yield* (await import("./office/docx.ts")).parseDocx(archive, main, limits);
  else if (root === "workbook") yield* (await import("./office/xlsx.ts")).parseXlsx(archive, main, limits);
  else if (root === "presentation") yield* (await import("./office/pptx.ts")).parsePptx(archive, main, limits);
  else throw new ParseFailure("UNSUPPORTED");
}

/** The name of an entry's outermost element, which tells kinds of documents apart. */
async function rootOf(archive: Archive, name: string): Promise<string> {
  let root = "";
  await readXml(archive.read(name), {
    open(name) {
      root ||= name;
    },
  });
  return root;
}
