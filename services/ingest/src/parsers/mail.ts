import PostalMime, { type Address } from "postal-mime";
import { decode } from "./decode.ts";
import { ParseFailure } from "./failure.ts";
import { FlowWriter } from "./flow-writer.ts";
import { writeHtml } from "./html.ts";
import type { ParsedPart, ParseEvent, ParseLimits } from "./parsed.ts";
import { writeRtf } from "./rtf/rtf.ts";
import { utf16ByteOrder } from "./sniff.ts";

/** What is read of a mail; what it has not is empty. */
export type Mail = {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly date: string;
  readonly text: string;
  readonly html: string;
  readonly rtf?: Uint8Array;
  /** Their names; they are not read. */
  readonly attachments: readonly string[];
};

/** Reads mails (RFC 5322, MIME): subject, people, date, text, and the names of what is attached. */
export async function* parseMail(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const messages = splitMailbox(utf16ByteOrder(bytes) ? Buffer.from(decode(bytes)) : bytes);
  const parts: ParsedPart[] = [];
  for (const message of messages) parts.push(writeMail(await readMail(message), limits));
  if (!parts.some(({ text }) => text)) throw new ParseFailure("NO_TEXT");
  yield { kind: "opened", pageCount: 0 };
  for (const part of parts) yield { kind: "part", page: 0, part };
}

/** A mailbox (RFC 4155) holds mails one after the other, each after a line that begins with `From `. */
function* splitMailbox(bytes: Uint8Array): Generator<Uint8Array> {
  const mailbox = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (mailbox.toString("latin1", 0, 5) !== "From ") return yield bytes;
  for (let start = 0; start >= 0; ) {
    const body = mailbox.indexOf("\n", start) + 1;
    const end = body > 0 ? mailbox.indexOf("\nFrom ", body) : -1;
    yield mailbox.subarray(body, end < 0 ? mailbox.length : end + 1);
    start = end < 0 ? -1 : end + 1;
  }
}

async function readMail(bytes: Uint8Array): Promise<Mail> {
  const email = await PostalMime.parse(bytes);
  const names = (addresses: readonly Address[] = []) => addresses.map(nameOf).join(", ");
  return {
    subject: email.subject ?? "",
    from: names(email.from && [email.from]),
    to: names(email.to),
    cc: names(email.cc),
    date: email.date ?? "",
    text: email.text ?? "",
    html: email.html ?? "",
    attachments: email.attachments.flatMap(({ filename, related }) => (filename && !related ? [filename] : [])),
  };
}

const nameOf = ({ name, address, group }: Address): string =>
  group ? `${name}: ${group.map(nameOf).join(", ")}` : [name, address && `<${address}>`].filter(Boolean).join(" ");

/** A mail as a part, its subject the heading. */
export function writeMail(mail: Mail, limits: ParseLimits): ParsedPart {
  const flow = new FlowWriter(limits.maxChars);
  flow.text(mail.subject);
  flow.endParagraph({ kind: "heading", rank: 1 });
  const lines = [
    ["From", mail.from],
    ["To", mail.to],
    ["Cc", mail.cc],
    ["Date", mail.date],
    ["Attachments", mail.attachments.join(", ")],
  ];
  for (const [name, value] of lines) {
    if (value?.trim()) flow.text(`${name}: ${value.trim()}\n`);
  }
  flow.endParagraph({ kind: "code" });
  writeBody(flow, mail, limits);
  return flow.finish();
}

/** Mails say the same in several forms; some of the plain ones only say that there is another. */
function writeBody(flow: FlowWriter, { text, html, rtf }: Mail, limits: ParseLimits): void {
  const seen = new FlowWriter(limits.maxChars);
  writeHtml(seen, html);
  if (seen.finish().text.length > text.trim().length * 2) writeHtml(flow, html);
  else if (rtf && !text.trim()) writeRtf(flow, rtf);
  else {
    for (const paragraph of text.replace(/\r\n?/g, "\n").split(/\n[ \t]*\n/)) {
      flow.text(paragraph);
      flow.endParagraph();
    }
  }
}
