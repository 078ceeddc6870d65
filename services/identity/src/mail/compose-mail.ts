import { toEmailKey } from "../account.ts";
import { appendAudit } from "../audit.ts";
import type { Context } from "../context.ts";
import {
  deletePendingSignUp,
  findPendingSignUp,
  findSignInCode,
  insertMailedLink,
  setSignInCode,
  setSignUpToken,
} from "../mail-store.ts";
import { hashMailedToken, hashSignInCode, mailedLifetimeMs, newMailedToken, newSignInCode } from "../mailed-token.ts";
import type { LinkPurpose } from "../schema.ts";
import { findUser, findUserByEmail } from "../store.ts";
import {
  addressInUseLetter,
  alreadyRegisteredLetter,
  confirmEmailChangeLetter,
  emailChangeAskedLetter,
  emailChangedLetter,
  passwordChangedLetter,
  resetPasswordLetter,
  securityChangedLetter,
  signInCodeLetter,
  verifyEmailLetter,
} from "./letters.ts";
import type { Mail } from "./mailer.ts";
import { type SecurityChange, securityChanges } from "./security-changes.ts";

/** What to write to whom. Holds no secret: who orders does not even know whether there is such an account. */
export type MailOrder =
  | { readonly letter: "verify-sign-up"; readonly signUpId: string }
  | { readonly letter: "verify-email"; readonly userId: string }
  | { readonly letter: "reset-password"; readonly emailKey: string }
  | { readonly letter: "sign-in-code"; readonly challengeHash: string }
  | { readonly letter: "confirm-email-change"; readonly userId: string; readonly newEmail: string }
  | { readonly letter: "email-change-asked"; readonly userId: string }
  | { readonly letter: "email-changed"; readonly userId: string; readonly oldEmail: string }
  | { readonly letter: "password-changed"; readonly userId: string }
  | {
      readonly letter: "security-changed";
      readonly userId: string;
      readonly change: SecurityChange;
      readonly network: string;
      readonly time: string;
    };

/** Writes a mail, with a fresh token where it carries one; undefined if there is nobody to write to. It goes to stored addresses only. */
export async function composeMail(ctx: Context, order: MailOrder, now: Date): Promise<Mail | undefined> {
  switch (order.letter) {
    case "verify-sign-up":
      return verifySignUp(ctx, order.signUpId, now);
    case "reset-password":
      return resetPassword(ctx, order.emailKey, now);
    case "sign-in-code":
      return signInCode(ctx, order.challengeHash, now);
    default:
      return writeToUser(ctx, order, now);
  }
}

async function verifySignUp(ctx: Context, signUpId: string, now: Date): Promise<Mail | undefined> {
  const signUp = await findPendingSignUp(ctx.database.db, signUpId);
  if (!signUp || signUp.expireTime <= now) return undefined;
  const known = await findUserByEmail(ctx.database.db, toEmailKey(signUp.email));
  if (known) {
    await deletePendingSignUp(ctx.database.db, signUpId);
    return alreadyRegisteredLetter(to(ctx, known.user.email));
  }
  const token = newMailedToken();
  await setSignUpToken(ctx.database.db, signUpId, hashMailedToken(token));
  return verifyEmailLetter(to(ctx, signUp.email), token);
}

async function resetPassword(ctx: Context, emailKey: string, now: Date): Promise<Mail | undefined> {
  const known = await findUserByEmail(ctx.database.db, emailKey);
  if (!known) return undefined;
  await appendAudit(ctx.database.db, { event: "password-reset-requested", targetId: known.user.id }, now);
  return resetPasswordLetter(to(ctx, known.user.email), await makeLink(ctx, "reset-password", known.user, now));
}

async function signInCode(ctx: Context, challengeHash: string, now: Date): Promise<Mail | undefined> {
  const asked = await findSignInCode(ctx.database.db, challengeHash, now);
  const known = asked && (await findUserByEmail(ctx.database.db, asked.emailKey));
  if (!known) return undefined;
  const code = newSignInCode();
  await setSignInCode(ctx.database.db, challengeHash, hashSignInCode(code, challengeHash));
  return signInCodeLetter(to(ctx, known.user.email), code);
}

type OrderOfUser = Extract<MailOrder, { userId: string }>;

async function writeToUser(ctx: Context, order: OrderOfUser, now: Date): Promise<Mail | undefined> {
  const user = await findUser(ctx.database.db, order.userId);
  if (!user) return undefined;
  switch (order.letter) {
    case "verify-email":
      if (user.emailVerified) return undefined;
      return verifyEmailLetter(to(ctx, user.email), await makeLink(ctx, "verify-email", user, now));
    case "confirm-email-change": {
      const owner = await findUserByEmail(ctx.database.db, toEmailKey(order.newEmail));
      if (owner && owner.user.id !== user.id) return addressInUseLetter(to(ctx, owner.user.email));
      const token = await makeLink(ctx, "change-email", { id: user.id, email: order.newEmail }, now);
      return confirmEmailChangeLetter(to(ctx, order.newEmail), token);
    }
    case "email-change-asked":
      return emailChangeAskedLetter(to(ctx, user.email));
    case "email-changed": {
      const token = await makeLink(ctx, "undo-email-change", { id: user.id, email: order.oldEmail }, now);
      return emailChangedLetter(to(ctx, order.oldEmail), token);
    }
    case "password-changed":
      return passwordChangedLetter(to(ctx, user.email));
    case "security-changed": {
      const from = order.network && ` from the network ${order.network}`;
      const where = `It was done at ${order.time.slice(0, 16).replace("T", " ")} UTC${from}.`;
      return securityChangedLetter(to(ctx, user.email), securityChanges[order.change][1], where);
    }
  }
}

async function makeLink(
  ctx: Context,
  purpose: LinkPurpose,
  { id, email }: { id: string; email: string },
  now: Date,
): Promise<string> {
  const token = newMailedToken();
  await insertMailedLink(ctx.database.db, {
    hash: hashMailedToken(token),
    purpose,
    userId: id,
    email,
    expireTime: new Date(now.getTime() + mailedLifetimeMs[purpose]),
  });
  return token;
}

const to = ({ publicUrl }: Context, address: string) => ({ to: address, publicUrl });
