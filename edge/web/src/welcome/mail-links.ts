/** The links that mails carry, by their paths, in words. */
export const mailLinks = {
  "verify-email": {
    title: "Confirm your address",
    action: "Confirm the address",
    done: "Your address is confirmed.",
  },
  "reset-password": {
    title: "Choose a new password",
    action: "Keep the new password",
    done: "The new password is kept, and you are signed out everywhere. Sign in with it.",
  },
  "confirm-email-change": {
    title: "Use this address",
    action: "Use this address",
    done: "Your account has its new address.",
  },
  "undo-email-change": {
    title: "Take the change back",
    action: "Give my account its old address",
    done: "Your account has its old address, and all sessions have ended. A mail to choose a new password is on its way.",
  },
} as const;

export type MailLink = keyof typeof mailLinks;

/** Which link of a mail a path is, if it is one. */
export function findMailLink(path: string): MailLink | undefined {
  const name = path.slice(1);
  return Object.hasOwn(mailLinks, name) ? (name as MailLink) : undefined;
}
