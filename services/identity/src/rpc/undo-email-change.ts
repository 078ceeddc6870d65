import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { invalidLink } from "../errors.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { deleteMailedLinks, takeMailedLink } from "../mail-store.ts";
import { hashMailedToken, mailedLifetimeMs } from "../mailed-token.ts";
import { moveEmail } from "../move-email.ts";
import { noteOwnAct } from "../own-act.ts";
import { deletePassword } from "../store.ts";
import { takeBack } from "../take-back.ts";

export const undoEmailChange =
  (ctx: Context): MethodImpl<typeof IdentityService.method.undoEmailChange> =>
  async ({ token }, call) => {
    const now = new Date();
    await ctx.database.transaction(async (tx) => {
      const link = await takeMailedLink(tx, hashMailedToken(token), "undo-email-change", now);
      if (!link) throw invalidLink();
      const { userId } = link;
      const { user } = await moveEmail(ctx.database, tx, userId, link.email);
      // Whoever moved the account knew its password, and may have added anything since the move was asked for.
      const moveMs = link.expireTime.getTime() - mailedLifetimeMs["undo-email-change"];
      const distrusted = new Date(moveMs - mailedLifetimeMs["change-email"]);
      await deletePassword(tx, userId);
      await deleteMailedLinks(tx, userId);
      await takeBack(ctx, tx, userId, { now, distrusted });
      await noteOwnAct(tx, call, { event: "email-changed", userId });
      await orderMail(ctx.jobs, tx, { letter: "reset-password", emailKey: user.emailKey });
    });
    return {};
  };
