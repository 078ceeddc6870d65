import { ParseFailure } from "../failure.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { openCompoundFile } from "./compound-file.ts";

/** Reads what lies in a compound file: a mail of Outlook's. Office's protected documents are ENCRYPTED, others UNSUPPORTED. */
export async function* parseCompound(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const file = openCompoundFile(bytes);
  const has = (name: string) => file.paths.includes(name);
  if (has("EncryptedPackage")) throw new ParseFailure("ENCRYPTED");
  if (has("__properties_version1.0")) yield* (await import("./msg.ts")).parseMsg(file, limits);
  else throw new ParseFailure("UNSUPPORTED");
}
