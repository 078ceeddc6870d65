import { expect, test } from "vitest";
import { readBlocks, readParts, readText, reasonFor } from "../testing/read-parts.ts";
import { parseMail } from "./mail.ts";

const head =
  `From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\nTo: a@example.org, Team: b@example.org;\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=
Date: Mon, 1 Jan 2024 10:00:00 +0100\r\nMIME-Version: 1.0\r\n`.replace(/\r?\n/g, "\r\n");
const lines =
  "rows From: Jörg <joerg@example.org>\nTo: <a@example.org>, Team: <b@example.org>\nDate: 2024-01-01T09:00:00.000Z";

test("a mail's subject is its heading, its people and text follow", async () => {
  const plain = `${head}Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHallo, sch=F6n.\r\n\r\nBis dann.\r\n`;
  expect(await readBlocks(parseMail, plain)).toEqual(["h1 Grüße", lines, "p Hallo, schön.", "p Bis dann."]);
});

test("of several forms the one that says most is read; attachments are named, not read", async () => {
  const parts = (...list: string[]) => `${list.map((part) => `--b\r\n${part}\r\n`).join("")}--b--\r\n`;
  const attached = `Content-Type: text/html; name="evil.html"\r\nContent-Disposition: attachment; filename="evil.html"\r\n\r\n<p>Attached`;
  const mixed = (kind: string, ...list: string[]) =>
    `${head}Content-Type: multipart/${kind}; boundary=b\r\n\r\n${parts(...list)}`;
  const html = `Content-Type: text/html\r\n\r\n<h2>News</h2><p>Long ${"words ".repeat(50)}</p><script>x</script><p hidden>no</p>`;
  const rich = await readBlocks(parseMail, mixed("alternative", "Content-Type: text/plain\r\n\r\nSee HTML.", html));
  expect(rich.slice(2)).toEqual(["h2 News", `p Long ${"words ".repeat(50).trim()}`]);
  expect(await readText(parseMail, mixed("mixed", "Content-Type: text/plain\r\n\r\nHere.", attached))).toContain(
    "Attachments: evil.html\n\nHere.",
  );
});

test("a mailbox is a part for each mail", async () => {
  const mailbox = `From a@x Mon Jan 1 10:00:00 2024\nSubject: One\n\nFirst.\n\nFrom b@x Mon Jan 1 10:00:00 2024\nSubject: Two\n\nSecond.\nFrom here on\n`;
  expect((await readParts(parseMail, mailbox)).map(({ part }) => part.text)).toEqual([
    "One\n\nFirst.",
    "Two\n\nSecond.",
    "",
  ]);
});

test("mails nested, broken or empty end with a text or a reason", async () => {
  let nested = "Subject: core\r\n\r\nDeep.";
  for (let depth = 0; depth < 300; depth++)
    nested = `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested}\r\n--b${depth}--`;
  expect(await reasonFor(parseMail, nested)).toBeDefined();
  expect(await reasonFor(parseMail, "Subject:\r\n\r\n")).toBe("NO_TEXT");
  expect(await readText(parseMail, `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nCut off`)).toContain(
    "Grüße",
  );
  const wide = Buffer.from(`\ufeff${head}\r\nWide.`, "utf16le");
  expect(await readText(parseMail, wide)).toContain("Wide.");
});
