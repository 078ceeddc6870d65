import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { deleteDevices } from "../device-store.ts";
import { endApiKeys } from "../end-api-keys.ts";
import { invalidLink } from "../errors.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { deleteMailedLinks, takeMailedLink } from "../mail-store.ts";
import { hashMailedToken } from "../mailed-token.ts";
import { moveEmail } from "../move-email.ts";
import { noteOwnAct } from "../own-act.ts";
import { endSessionsOf } from "../session.ts";

export const undoEmailChange =
  (ctx: Context): MethodImpl<typeof IdentityService.method.undoEmailChange> =>
  async ({ token }, call) => {
    const now = new Date();
    await ctx.database.transaction(async (tx) => {
      const link = await takeMailedLink(tx, hashMailedToken(token), "undo-email-change", now);
      if (!link) throw invalidLink();
      const { userId } = link;
      const { user } = await moveEmail(ctx.database, tx, userId, link.email);
      // Whoever moved the account knew its password and may hold anything else of it.
      await deleteMailedLinks(tx, userId);
      await deleteDevices(tx, userId);
      await endSessionsOf(ctx, tx, userId, now);
      await endApiKeys(ctx, tx, { userId }, now);
      await noteOwnAct(tx, call, { event: "email-changed", userId });
      await orderMail(ctx.jobs, tx, { letter: "reset-password", emailKey: user.emailKey });
    });
    return {};
  };
