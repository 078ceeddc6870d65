import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { expect, test } from "vitest";
import { type Mail, MailRefusedError } from "./mailer.ts";
import { openSmtp } from "./smtp.ts";
import { testMailer } from "./test-mailer.ts";

const never = new AbortController().signal;
const mail: Mail = { to: "ada@example.org", subject: "Hello", text: "Hello", html: "<p>Hello</p>" };

/** A mail server that takes what it is sent, unless `options` say otherwise. */
async function startReceiver(options: SMTPServerOptions = {}) {
  const received: { mail: Mail; raw: string; user: unknown }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString();
        const { subject = "", text = "", html } = await simpleParser(raw);
        const [to] = session.envelope.rcptTo;
        received.push({ mail: { to: to?.address ?? "", subject, text, html: html || "" }, raw, user: session.user });
        done();
      });
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return { received, port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

async function openWith(options?: SMTPServerOptions, login = "") {
  const receiver = await startReceiver(options);
  const smtp = openSmtp({ url: `smtp://${login}127.0.0.1:${receiver.port}`, from: "Lyceum <no-reply@example.org>" });
  return {
    mailer: smtp,
    receiver,
    received: async () => receiver.received.map(({ mail }) => mail),
    async [Symbol.asyncDispose]() {
      smtp[Symbol.dispose]();
      await receiver.close();
    },
  };
}

testMailer("SMTP", () => openWith());

test("carry their sender, both forms, and nothing that people typed but the address in their heads", async () => {
  await using opened = await openWith();
  await opened.mailer.send(mail, never);
  const head = opened.receiver.received[0]?.raw.split("\r\n\r\n", 1)[0] ?? "";
  expect(head).toMatch(/^From: Lyceum <no-reply@example\.org>\r$/m);
  expect(head).toMatch(/^To: ada@example\.org\r$/m);
  expect(head).toMatch(/^Content-Type: multipart\/alternative;/m);
});

test("sign in where the address says so", async () => {
  await using opened = await openWith(
    {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        done(password === "s3cret" ? null : new Error("no"), { user: username }),
    },
    "lyceum:s3cret@",
  );
  await opened.mailer.send(mail, never);
  expect(opened.receiver.received[0]?.user).toBe("lyceum");
});

test.each([
  [550, MailRefusedError],
  [451, Error],
])("answered with %d throw an error that does not quote them", async (responseCode, kind) => {
  await using opened = await openWith({
    onRcptTo: (_, __, done) => done(Object.assign(new Error("ada@example.org is unwelcome"), { responseCode })),
  });
  const error = await opened.mailer.send(mail, never).catch((reason) => reason);
  expect(error).toBeInstanceOf(kind);
  expect(error instanceof MailRefusedError).toBe(responseCode === 550);
  expect(error.message).not.toContain("ada");
});

test("wait without end for a server that is away", async () => {
  const { port, close } = await startReceiver();
  await close();
  using smtp = openSmtp({ url: `smtp://127.0.0.1:${port}`, from: "no-reply@example.org" });
  const error = await smtp.send(mail, never).catch((reason) => reason);
  expect(error instanceof ConnectError && error.code).toBe(Code.Unavailable);
});
