import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { VerifyEmailRequest } from "@lyceum/gen/proto/lyceum/identity/v1/email_pb.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import type { Context } from "../context.ts";
import { rememberDevice } from "../devices.ts";
import { invalidLink } from "../errors.ts";
import { lockUser } from "../factors/factor-store.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { findMailedLink, findSignUpByToken, takeMailedLink, takePendingSignUp } from "../mail-store.ts";
import { hashMailedToken } from "../mailed-token.ts";
import { noteOwnAct } from "../own-act.ts";
import { requireStrongPassword } from "../password-strength.ts";
import { requireOwner, requirePassword } from "../require-owner.ts";
import {
  findUserByEmail,
  findUserWithPassword,
  insertUser,
  setEmailVerified,
  setPassword,
  type UserRow,
} from "../store.ts";
import { everything, takeBack } from "../take-back.ts";
import { toUserMessage } from "../user-message.ts";

export const verifyEmail =
  (ctx: Context): MethodImpl<typeof IdentityService.method.verifyEmail> =>
  async (req, call) => {
    const hash = hashMailedToken(req.token);
    const now = new Date();
    const asked = (await findAccount(ctx, hash, now)) ?? (await findSignUp(ctx, hash, now));
    if (!asked) throw invalidLink();
    const newHash = await judge(ctx, call, asked, req);
    const user = await ctx.database.transaction(async (tx) => {
      const effect = { hash, newHash, now };
      const verified = asked.user ? await verify(ctx, tx, call, effect) : await beginAccount(ctx, tx, call, effect);
      if (!verified) throw invalidLink();
      await noteOwnAct(tx, call, { event: "email-verified", userId: verified.id });
      return verified;
    });
    return { user: toUserMessage(user) };
  };

/** What waits for its address to be verified: an account, or a sign-up that becomes one. */
type Asked = {
  readonly user?: UserRow;
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string | undefined;
  /** Whose password is guessed at. */
  readonly subject: string;
};

async function findAccount(ctx: Context, hash: string, now: Date): Promise<Asked | undefined> {
  const { db } = ctx.database;
  const link = await findMailedLink(db, hash, "verify-email", now);
  const known = link && (await findUserWithPassword(db, link.userId));
  if (!known) return undefined;
  const { user, passwordHash } = known;
  return { user, email: link.email, displayName: user.displayName, passwordHash, subject: user.emailKey };
}

async function findSignUp(ctx: Context, hash: string, now: Date): Promise<Asked | undefined> {
  const { db } = ctx.database;
  const signUp = await findSignUpByToken(db, hash, now);
  if (!signUp || (await findUserByEmail(db, toEmailKey(signUp.email)))) return undefined;
  return { ...signUp, subject: `sign-up ${signUp.id}` };
}

/** Lets through who signed up, where that is asked for; for anybody else, the hash of the password they choose in place of that one. */
async function judge(
  ctx: Context,
  call: HandlerContext,
  asked: Asked,
  { password, newPassword, deviceToken, requireOwnerProof }: VerifyEmailRequest,
): Promise<string | undefined> {
  if (newPassword !== "") {
    await requireStrongPassword(newPassword, [asked.email, asked.displayName]);
    return ctx.passwords.hash(newPassword, call.signal);
  }
  if (password === "" && !requireOwnerProof) return undefined;
  const { user, passwordHash, subject } = asked;
  if (user) await requireOwner(ctx, call, { user, passwordHash }, { password, deviceToken });
  else await requirePassword(ctx, call, { subject, passwordHash }, { password });
  return undefined;
}

type Effect = { readonly hash: string; readonly newHash: string | undefined; readonly now: Date };

async function verify(
  ctx: Context,
  tx: Transaction,
  call: HandlerContext,
  { hash, newHash, now }: Effect,
): Promise<UserRow | undefined> {
  const link = await takeMailedLink(tx, hash, "verify-email", now);
  if (!link) return undefined;
  const { userId } = link;
  const before = await lockUser(tx, userId);
  // The account may have moved to another address since.
  const verified = await setEmailVerified(tx, userId, toEmailKey(link.email));
  if (verified && newHash !== undefined) {
    await takeBack(ctx, tx, userId, { now, distrusted: before?.emailVerified ? undefined : everything });
    await setPassword(tx, userId, newHash);
    await noteOwnAct(tx, call, { event: "password-reset", userId });
    await orderMail(ctx.jobs, tx, { letter: "password-changed", userId });
    await rememberDevice(ctx, tx, { userId, token: "" }, call, now);
  }
  return verified;
}

async function beginAccount(
  ctx: Context,
  tx: Transaction,
  call: HandlerContext,
  { hash, newHash, now }: Effect,
): Promise<UserRow | undefined> {
  const signUp = await takePendingSignUp(tx, hash, now);
  if (!signUp) return undefined;
  const { email, displayName, passwordHash } = signUp;
  const account = {
    id: newId(),
    email,
    emailKey: toEmailKey(email),
    displayName,
    emailVerified: true,
    createTime: now,
  };
  const user = await insertUser(tx, account, newHash ?? passwordHash);
  if (!user) return undefined;
  await ctx.events.append(tx, userRegistered({ userId: user.id, version: user.version }));
  await noteOwnAct(tx, call, { event: "signed-up", userId: user.id });
  return user;
}
