import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { toEmailKey } from "../account.ts";
import type { Context } from "../context.ts";
import { rememberDevice } from "../devices.ts";
import { invalidLink } from "../errors.ts";
import { lockUser } from "../factors/factor-store.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { findMailedLink, takeMailedLink } from "../mail-store.ts";
import { hashMailedToken } from "../mailed-token.ts";
import { noteOwnAct } from "../own-act.ts";
import { requireStrongPassword } from "../password-strength.ts";
import { setEmailVerified, setPassword } from "../store.ts";
import { everything, takeBack } from "../take-back.ts";

export const resetPassword =
  (ctx: Context): MethodImpl<typeof IdentityService.method.resetPassword> =>
  async ({ token, newPassword }, call) => {
    const hash = hashMailedToken(token);
    const now = new Date();
    const asked = await findMailedLink(ctx.database.db, hash, "reset-password", now);
    if (!asked) throw invalidLink();
    // A password that is refused leaves the link good for another try.
    await requireStrongPassword(newPassword, [asked.email]);
    const passwordHash = await ctx.passwords.hash(newPassword, call.signal);
    const deviceToken = await ctx.database.transaction(async (tx) => {
      const link = await takeMailedLink(tx, hash, "reset-password", now);
      if (!link) throw invalidLink();
      const { userId } = link;
      const before = await lockUser(tx, userId);
      // Whoever signed up with an address they could not read must not keep a way in.
      await takeBack(ctx, tx, userId, { now, distrusted: before?.emailVerified ? undefined : everything });
      await setPassword(tx, userId, passwordHash);
      await setEmailVerified(tx, userId, toEmailKey(link.email));
      await noteOwnAct(tx, call, { event: "password-reset", userId });
      await orderMail(ctx.jobs, tx, { letter: "password-changed", userId });
      return rememberDevice(ctx, tx, { userId, token: "" }, call, now);
    });
    return { deviceToken };
  };
