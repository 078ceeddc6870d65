/** A mail, whole: what it says is in both forms. */
export type Mail = {
  /** One plain address, no display name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** Sends mails. */
export interface Mailer {
  /**
   * Hands a mail over for delivery. Throws MailRefusedError for one that will never be taken; any other error is worth another
   * try, and `unavailable` one without end.
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}

/** A mail or its address is refused for good. */
export class MailRefusedError extends Error {
  override readonly name = "MailRefusedError";
}

/** Throws MailRefusedError unless the mail's head holds one address and one line of subject: what is more could become a header. */
export function requirePlainHead({ to, subject }: Mail): void {
  if (!plainAddress.test(to)) throw new MailRefusedError("The address is not one plain address.");
  if (control.test(subject)) throw new MailRefusedError("The subject is more than one line of text.");
}

const plainAddress = /^[^\s@<>(),;:"[\]\\\p{Cc}]+@[^\s@<>(),;:"[\]\\\p{Cc}]+$/u;
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
