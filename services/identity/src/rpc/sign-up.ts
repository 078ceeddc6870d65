import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf, newId } from "@lyceum/service";
import { displayNameOf, toEmailKey } from "../account.ts";
import { appendAudit } from "../audit.ts";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { rememberDevice } from "../devices.ts";
import { emailTaken } from "../errors.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { countMail } from "../mail/count-mail.ts";
import { insertPendingSignUp } from "../mail-store.ts";
import { mailedLifetimeMs } from "../mailed-token.ts";
import { requireStrongPassword } from "../password-strength.ts";
import { startSession, toSessionMessage } from "../session.ts";
import { findUserByEmail, insertUser } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const signUp =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signUp> =>
  async ({ email, password, displayName, captchaToken }, call) => {
    const account = { email, displayName: displayNameOf(displayName, email) };
    await requireStrongPassword(password, [email, account.displayName]);
    await ctx.captcha.require(captchaToken, clientAddressOf(call), call.signal);
    return ctx.mustVerifyEmail ? askToVerify(ctx, account, password, call) : register(ctx, account, password, call);
  };

type NewAccount = { readonly email: string; readonly displayName: string };

async function register(ctx: Context, account: NewAccount, password: string, call: HandlerContext) {
  const emailKey = toEmailKey(account.email);
  // Spares the hash for most taken addresses; the unique key decides.
  if (await findUserByEmail(ctx.database.db, emailKey)) throw emailTaken();
  const passwordHash = await ctx.passwords.hash(password, call.signal);

  const now = new Date();
  const { user, tokens, deviceToken } = await ctx.database.transaction(async (tx) => {
    const user = await insertUser(tx, { id: newId(), createTime: now, emailKey, ...account }, passwordHash);
    if (!user) throw emailTaken();
    await ctx.events.append(tx, userRegistered({ userId: user.id, version: user.version }));
    await appendAudit(tx, { event: "signed-up", actorId: user.id, targetId: user.id, client: clientOf(call) }, now);
    return {
      user,
      tokens: await startSession(ctx, tx, user, call, { amr: ["pwd"], now }),
      deviceToken: await rememberDevice(ctx, tx, { userId: user.id, token: "" }, call, now),
    };
  });
  return { session: await toSessionMessage(ctx, user, tokens, call, now), user: toUserMessage(user), deviceToken };
}

/** Does the same for a taken address as for a free one: only the mail tells them apart. */
async function askToVerify(ctx: Context, { email, displayName }: NewAccount, password: string, call: HandlerContext) {
  const emailKey = toEmailKey(email);
  const delayMs = await countMail(ctx, emailKey, call);
  const passwordHash = await ctx.passwords.hash(password, call.signal);
  const id = newId();
  const expireTime = new Date(Date.now() + mailedLifetimeMs["verify-email"]);
  await ctx.database.transaction(async (tx) => {
    await insertPendingSignUp(tx, { id, email, displayName, passwordHash, expireTime });
    await orderMail(ctx.jobs, tx, { letter: "verify-sign-up", signUpId: id }, { about: emailKey, delayMs });
  });
  return { verificationRequired: true };
}
