import { decode } from "../decode.ts";
import { type Mail, writeMail } from "../mail.ts";
import type { ParseEvent, ParseLimits } from "../parsed.ts";
import { wholeSource } from "../text.ts";
import type { CompoundFile } from "./compound-file.ts";
import { inflateRtf } from "./inflate-rtf.ts";

/** Properties of Outlook's items that are read (MS-OXPROPS), by their ids. */
const properties = {
  subject: "0037",
  from: "0C1A",
  fromAddress: "5D01",
  fromAnyAddress: "0C1F",
  to: "0E04",
  cc: "0E03",
  text: "1000",
  rtf: "1009",
  html: "1013",
  fileName: "3707",
  shortFileName: "3704",
};

/** Reads a mail, or another item, that Outlook saved (MS-OXMSG). */
export async function* parseMsg(file: CompoundFile, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  yield* wholeSource(writeMail(readMsg(file, limits), limits), limits, "NO_TEXT");
}

function readMsg(file: CompoundFile, limits: ParseLimits): Mail {
  const text = (id: string, folder = "") => readString(file, id, folder);
  // Exchange's own addresses tell nobody anything.
  const address = [text(properties.fromAddress), text(properties.fromAnyAddress)].find((address) =>
    address.includes("@"),
  );
  const attachments = file.paths
    .filter((path) => /^__attach[^/]*\/__properties/.test(path))
    .map((path) => `${path.split("/", 1)[0]}/`);
  const rtf = file.read(`__substg1.0_${properties.rtf}0102`);
  return {
    subject: text(properties.subject),
    from: [text(properties.from), address && `<${address}>`].filter(Boolean).join(" "),
    to: text(properties.to),
    cc: text(properties.cc),
    date: readDate(file),
    text: text(properties.text),
    html: text(properties.html),
    ...(rtf && { rtf: inflateRtf(rtf, limits.maxInflatedBytes) }),
    attachments: attachments
      .map((folder) => text(properties.fileName, folder) || text(properties.shortFileName, folder))
      .filter(Boolean),
  };
}

/** A text property is a stream, in UTF-16 or in an encoding of the sender's; HTML may be bytes. */
function readString(file: CompoundFile, id: string, folder: string): string {
  const name = `${folder}__substg1.0_${id}`;
  const wide = file.read(`${name}001F`);
  if (wide) return new TextDecoder("utf-16le").decode(wide);
  const narrow = file.read(`${name}001E`) ?? file.read(`${name}0102`);
  return narrow ? decode(narrow) : "";
}

/** Times stand in the list of properties, as tenths of microseconds since 1601. */
function readDate(file: CompoundFile): string {
  const list = file.read("__properties_version1.0") ?? Buffer.alloc(0);
  for (let at = 32; at + 16 <= list.length; at += 16) {
    const tag = list.readUInt32LE(at);
    if (tag !== 0x00390040 && tag !== 0x0e060040) continue;
    const ms = Number(list.readBigUInt64LE(at + 8) / 10_000n) - 11_644_473_600_000;
    return Math.abs(ms) < 8e15 ? new Date(ms).toISOString() : "";
  }
  return "";
}
