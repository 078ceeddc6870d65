import { join } from "node:path";
import type { Mailer } from "./mailer.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import { openSmtp, type SmtpOptions } from "./smtp.ts";

export { type Mailer, MailRefusedError } from "./mailer.ts";
export type { Outbox } from "./outbox.ts";

/** How mails leave. */
export type MailSettings = { readonly provider: "outbox" } | ({ readonly provider: "smtp" } & SmtpOptions);

/** What opens and closes with the mailer. */
export type OpenMailer = Disposable & {
  readonly mailer: Mailer;
  /** Where mails are kept instead of being sent; undefined where they are sent. */
  readonly outbox: Outbox | undefined;
};

/** Opens the way mails leave: a mail server, or a folder below the service's home that keeps them. */
export async function openMailer(home: string, settings: MailSettings): Promise<OpenMailer> {
  if (settings.provider === "smtp") {
    const smtp = openSmtp(settings);
    return { mailer: smtp, outbox: undefined, [Symbol.dispose]: () => smtp[Symbol.dispose]() };
  }
  const outbox = await openOutbox(join(home, "outbox"));
  return { mailer: outbox, outbox, [Symbol.dispose]: () => {} };
}
