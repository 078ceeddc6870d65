import { type Archive, openArchive } from "./archive.ts";
import { ParseFailure } from "./failure.ts";
import { findMainPart } from "./office/relations.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { readXml } from "./xml.ts";

/** Reads a document that is kept as a zip. Any other archive is UNSUPPORTED. */
export async function* parseZipped(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const archive = await openArchive(bytes, limits);
  if (archive.has("META-INF/container.xml")) yield* (await import("./epub.ts")).parseEpub(archive, limits);
  else if (archive.has("content.xml")) yield* (await import("./odf/odf.ts")).parseOdf(archive, limits);
  else yield* parseOffice(archive, limits);
}

async function* parseOffice(archive: Archive, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const main = await findMainPart(archive);
  const root = main && (await rootOf(archive, main));
  if (!main) throw new ParseFailure("UNSUPPORTED");
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
      root = name;
      return "stop";
    },
  });
  return root;
}
