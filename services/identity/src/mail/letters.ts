import { escapeHtml } from "./escape-html.ts";
import type { Mail } from "./mailer.ts";

/** A letter: paragraphs, and at most one thing to do; a code may have a link that types it. */
type Letter = {
  readonly subject: string;
  readonly before: readonly string[];
  readonly link?: { readonly label: string; readonly url: string };
  readonly code?: string;
  readonly after: readonly string[];
};

/** What every letter is written with: whom to, and where Lyceum is. */
export type LetterOptions = { readonly to: string; readonly publicUrl: string };

/** For a new address, or one that is not proven yet. */
export function verifyEmailLetter(options: LetterOptions, token: string): Mail {
  return write(options, {
    subject: "Confirm your e-mail address",
    before: ["Please confirm that this is your e-mail address on Lyceum."],
    link: { label: "Confirm the address", url: linkTo(options, "verify-email", token) },
    after: [
      "The link works once, for a day.",
      "If you did not sign up for Lyceum, do not follow it and ignore this mail.",
    ],
  });
}

/** For who signs up again with an address that has an account. */
export function alreadyRegisteredLetter(options: LetterOptions): Mail {
  return write(options, {
    subject: "You already have an account",
    before: ["Somebody, perhaps you, tried to sign up for Lyceum with this address, which has an account already."],
    link: { label: "Sign in", url: `${options.publicUrl}/` },
    after: [
      "If you forgot the password, choose a new one there. If it was not you, nothing has to be done: your account is unchanged.",
    ],
  });
}

/** For who forgot a password. */
export function resetPasswordLetter(options: LetterOptions, token: string): Mail {
  return write(options, {
    subject: "Choose a new password",
    before: ["Somebody, hopefully you, asked for a new password for your account on Lyceum."],
    link: { label: "Choose a new password", url: linkTo(options, "reset-password", token) },
    after: ["The link works once, for an hour.", "If it was not you, ignore this mail: your password stays as it is."],
  });
}

/** For who signs in without a password. */
export function signInCodeLetter(options: LetterOptions, code: string): Mail {
  return write(options, {
    subject: "Your code to sign in",
    before: ["Type this code where you asked for it, or follow the link in the same browser:"],
    code: `${code.slice(0, 4)} ${code.slice(4)}`,
    link: { label: "Sign in", url: linkTo(options, "sign-in-link", code) },
    after: [
      "Both work once, for ten minutes, and only there.",
      "Nobody from Lyceum will ever ask you for it. If you did not ask for a code, ignore this mail.",
    ],
  });
}

/** For the new address of an account. */
export function confirmEmailChangeLetter(options: LetterOptions, token: string): Mail {
  return write(options, {
    subject: "Confirm your new e-mail address",
    before: ["Please confirm that this is to be the e-mail address of your account on Lyceum."],
    link: { label: "Use this address", url: linkTo(options, "confirm-email-change", token) },
    after: ["The link works once, for a day.", "If you have no account on Lyceum, ignore this mail."],
  });
}

/** For the owner of an address that somebody wants for another account. */
export function addressInUseLetter(options: LetterOptions): Mail {
  return write(options, {
    subject: "This address has an account already",
    before: [
      "Somebody, perhaps you, wanted to use this address for another account on Lyceum. It has one already, so nothing was changed.",
    ],
    after: [],
  });
}

/** For the old address, when a change is asked for. */
export function emailChangeAskedLetter(options: LetterOptions): Mail {
  return write(options, {
    subject: "A new e-mail address for your account",
    before: ["Somebody, hopefully you, asked to move your account on Lyceum from this address to another one."],
    link: { label: "Look at your account", url: `${options.publicUrl}/` },
    after: [
      "Nothing has changed yet: the new address has to be confirmed first.",
      "If it was not you, somebody knows your password. Change it now.",
    ],
  });
}

/** For the old address, once the account has moved. */
export function emailChangedLetter(options: LetterOptions, token: string): Mail {
  return write(options, {
    subject: "Your account has a new e-mail address",
    before: ["Your account on Lyceum now has another e-mail address than this one."],
    link: { label: "It was not me: take it back", url: linkTo(options, "undo-email-change", token) },
    after: ["The link works once, for 7 days. It ends all sessions, and you will choose a new password."],
  });
}

/** For everybody whose password was changed. */
export function passwordChangedLetter(options: LetterOptions): Mail {
  return write(options, {
    subject: "Your password was changed",
    before: ["The password of your account on Lyceum was changed, and the other sessions have ended."],
    link: { label: "Sign in", url: `${options.publicUrl}/` },
    after: ["If it was not you, choose a new password at once: ask for it where you sign in."],
  });
}

/** For everybody in whose account something was added or removed that lets somebody in: `what` was, and when and where. */
export function securityChangedLetter(options: LetterOptions, what: string, where = ""): Mail {
  return write(options, {
    subject: what,
    before: [`${what}. This concerns your account on Lyceum. ${where}`.trim()],
    link: { label: "Look at your account", url: `${options.publicUrl}/account?part=security` },
    after: ["If it was not you, choose a new password at once, and remove what you do not know."],
  });
}

/** The token comes after the `#`, which browsers send to nobody. */
function linkTo({ publicUrl }: LetterOptions, page: string, token: string): string {
  return `${publicUrl}/${page}#token=${token}`;
}

function write({ to }: LetterOptions, { subject, before, link, code, after }: Letter): Mail {
  const actions = [...(code ? [`    ${code}`] : []), ...(link ? [`${link.label}:\n${link.url}`] : [])];
  const text = [...before, ...actions, ...after, "Lyceum"].join("\n\n");
  const paragraphs = (lines: readonly string[]) => lines.map((line) => `<p>${escapeHtml(line)}</p>`);
  const html = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><body style="font: 16px/1.5 sans-serif; color: #1c2430">',
    ...paragraphs(before),
    ...(code ? [`<p style="font: 28px monospace">${escapeHtml(code)}</p>`] : []),
    ...(link ? [`<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`] : []),
    ...paragraphs(after),
    "<p>Lyceum</p></body></html>",
  ].join("\n");
  return { to, subject, text: `${text}\n`, html };
}
