import { describe, expect, test } from "vitest";
import { type Mail, type Mailer, MailRefusedError } from "./mailer.ts";

/** A mailer under test, and what came out of it at its far end. */
export type MailerUnderTest = AsyncDisposable & {
  readonly mailer: Mailer;
  received(): Promise<readonly Mail[]>;
};

const never = new AbortController().signal;
const mail: Mail = {
  to: "ada@example.org",
  subject: "Grüße, 阿达",
  text: "Open https://lyceum.example/verify-email#token=abc_DEF-123\n",
  html: "<p>Grüße &amp; 阿达</p>",
};

/** What every mailer does. */
export function testMailer(name: string, open: () => Promise<MailerUnderTest>): void {
  describe(`mails by ${name}`, () => {
    test("arrive as they were written", async () => {
      await using opened = await open();
      await opened.mailer.send(mail, never);
      await opened.mailer.send({ ...mail, to: "grace+lists@example.org" }, never);
      const received = await opened.received();
      expect(received.map(({ to }) => to).toSorted()).toEqual(["ada@example.org", "grace+lists@example.org"]);
      expect(received[0]).toMatchObject({ subject: mail.subject, html: expect.stringContaining("Grüße &amp; 阿达") });
      expect(received[0]?.text).toContain("https://lyceum.example/verify-email#token=abc_DEF-123");
    });

    test.each([
      ["two lines of address", { to: "ada@example.org\r\nBcc: eve@example.org" }],
      ["two addresses", { to: "ada@example.org, eve@example.org" }],
      ["an address with a name", { to: "Eve <eve@example.org>" }],
      ["a group of addresses", { to: "all:ada@example.org;" }],
      ["an address with a null byte", { to: "ada\0@example.org" }],
      ["two lines of subject", { subject: "Hello\r\nBcc: eve@example.org" }],
      ["a bare line feed in the subject", { subject: "Hello\nX-Evil: yes" }],
    ])("with %s are refused, and nothing leaves", async (_, change) => {
      await using opened = await open();
      await expect(opened.mailer.send({ ...mail, ...change }, never)).rejects.toThrow(MailRefusedError);
      expect(await opened.received()).toEqual([]);
    });
  });
}
