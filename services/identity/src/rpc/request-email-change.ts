import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { toEmailKey } from "../account.ts";
import { confirmOwner } from "../confirm-password.ts";
import type { Context } from "../context.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { requireMail } from "../mail/count-mail.ts";
import { noteOwnAct } from "../own-act.ts";

export const requestEmailChange =
  (ctx: Context): MethodImpl<typeof IdentityService.method.requestEmailChange> =>
  async ({ newEmail, currentPassword }, call) => {
    const { id: userId } = await confirmOwner(ctx, currentPassword, call);
    await requireMail(ctx, toEmailKey(newEmail), call);
    await ctx.database.transaction(async (tx) => {
      await orderMail(ctx.jobs, tx, { letter: "confirm-email-change", userId, newEmail });
      await orderMail(ctx.jobs, tx, { letter: "email-change-asked", userId });
      await noteOwnAct(tx, call, { event: "email-change-requested", userId });
    });
    return {};
  };
