import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { invalidLink } from "../errors.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { deleteMailedLinks, findMailedLink, takeMailedLink } from "../mail-store.ts";
import { hashMailedToken } from "../mailed-token.ts";
import { moveEmail } from "../move-email.ts";
import { noteOwnAct } from "../own-act.ts";
import { requireOwner } from "../require-owner.ts";
import { findUserWithPassword } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const confirmEmailChange =
  (ctx: Context): MethodImpl<typeof IdentityService.method.confirmEmailChange> =>
  async ({ token, ...given }, call) => {
    const now = new Date();
    const hash = hashMailedToken(token);
    const asked = await findMailedLink(ctx.database.db, hash, "change-email", now);
    const known = asked && (await findUserWithPassword(ctx.database.db, asked.userId));
    if (!known) throw invalidLink();
    await requireOwner(ctx, call, known, given);
    const user = await ctx.database.transaction(async (tx) => {
      const link = await takeMailedLink(tx, hash, "change-email", now);
      if (!link) throw invalidLink();
      const { userId } = link;
      const { user, oldEmail } = await moveEmail(ctx.database, tx, userId, link.email);
      for (const purpose of ["verify-email", "reset-password", "change-email"] as const) {
        await deleteMailedLinks(tx, userId, purpose);
      }
      if (oldEmail !== user.email) await orderMail(ctx.jobs, tx, { letter: "email-changed", userId, oldEmail });
      await noteOwnAct(tx, call, { event: "email-changed", userId });
      return user;
    });
    return { user: toUserMessage(user) };
  };
