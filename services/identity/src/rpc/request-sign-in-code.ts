import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import type { Context } from "../context.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { countMail } from "../mail/count-mail.ts";
import { insertSignInCode } from "../mail-store.ts";
import { hashMailedToken, mailedLifetimeMs, newMailedToken } from "../mailed-token.ts";

/** Does not even ask whether there is such an account: who writes the mail will. */
export const requestSignInCode =
  (ctx: Context): MethodImpl<typeof IdentityService.method.requestSignInCode> =>
  async ({ email, captchaToken }, call) => {
    await ctx.captcha.require(captchaToken, clientAddressOf(call), call.signal);
    const emailKey = toEmailKey(email);
    const delayMs = await countMail(ctx, emailKey, call);
    const challenge = newMailedToken();
    const challengeHash = hashMailedToken(challenge);
    const expireTime = new Date(Date.now() + mailedLifetimeMs["sign-in-code"]);
    await ctx.database.transaction(async (tx) => {
      await insertSignInCode(tx, { challengeHash, emailKey, expireTime });
      await orderMail(ctx.jobs, tx, { letter: "sign-in-code", challengeHash }, { about: emailKey, delayMs });
    });
    return { challenge, expireTime: timestampFromDate(expireTime) };
  };
