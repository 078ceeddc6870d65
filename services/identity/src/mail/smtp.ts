import { Code, ConnectError } from "@connectrpc/connect";
import { createTransport } from "nodemailer";
import { type Mailer, MailRefusedError, requirePlainHead } from "./mailer.ts";

/** Where mails are handed over, and who they are from. */
export type SmtpOptions = {
  /** `smtp://user:password@host:587` or `smtps://…:465`; on `smtp` TLS is used where the server offers it. */
  readonly url: string;
  /** Such as `Lyceum <no-reply@example.org>`. */
  readonly from: string;
};

const timeoutMs = 30_000;

/** Sends over SMTP (RFC 5321), a few mails at once, on connections that are kept. */
export function openSmtp({ url, from }: SmtpOptions): Mailer & Disposable {
  const transport = createTransport(
    {
      url,
      pool: true,
      maxConnections: 2,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // What a mail says comes from people: it must never name a file or an address to read.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    async send({ to, subject, text, html }, signal) {
      requirePlainHead({ to, subject, text, html });
      try {
        await transport.sendMail({ to: { name: "", address: to }, subject, text, html, signal });
      } catch (error) {
        throw toMailError(error, signal);
      }
    },
    [Symbol.dispose]: () => transport.close(),
  };
}

function toMailError(reason: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || !(reason instanceof Error)) return reason;
  const { responseCode = 0, code } = reason as { responseCode?: number; code?: string };
  // The answer may quote the mail, so only its number is told.
  if (responseCode >= 500 && code !== "EAUTH")
    return new MailRefusedError(`The mail server refused it: ${responseCode}.`);
  const why = responseCode ? `answered ${responseCode}` : `cannot be reached: ${code ?? reason.name}`;
  const error = new Error(`The mail server ${why}.`);
  return responseCode && code !== "EAUTH"
    ? error
    : new ConnectError(error.message, Code.Unavailable, undefined, undefined, error);
}
