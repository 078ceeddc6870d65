import { ParseFailure } from "../failure.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { openCompoundFile } from "./compound-file.ts";

/** Reads what Office kept in compound files before 2007, and Outlook's mails. Protected documents of any age are ENCRYPTED. */
export async function* parseCompound(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const file = openCompoundFile(bytes);
  if (file.has("EncryptedPackage")) throw new ParseFailure("ENCRYPTED");
  if (file.has("__properties_version1.0")) yield* (await import("./msg.ts")).parseMsg(file, limits);
  else if (file.has("WordDocument")) yield* (await import("./doc.ts")).parseDoc(file, limits);
  else if (file.has("PowerPoint Document")) yield* (await import("./ppt.ts")).parsePpt(file, limits);
  else if (file.has("Workbook") || file.has("Book")) yield* (await import("./xls.ts")).parseXls(file, limits);
  else throw new ParseFailure("UNSUPPORTED");
}
