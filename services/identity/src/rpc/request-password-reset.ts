import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import type { Context } from "../context.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { countMail } from "../mail/count-mail.ts";

/** Does not even ask whether there is such an account: who writes the mail will. */
export const requestPasswordReset =
  (ctx: Context): MethodImpl<typeof IdentityService.method.requestPasswordReset> =>
  async ({ email, captchaToken }, call) => {
    await ctx.captcha.require(captchaToken, clientAddressOf(call), call.signal);
    const emailKey = toEmailKey(email);
    const delayMs = await countMail(ctx, emailKey, call);
    await ctx.database.transaction((tx) =>
      orderMail(ctx.jobs, tx, { letter: "reset-password", emailKey }, { delayMs }),
    );
    return {};
  };
