import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { confirmOwner } from "../confirm-password.ts";
import type { Context } from "../context.ts";
import { deleteDevices } from "../device-store.ts";
import { deviceTokenOf, rememberDevice } from "../devices.ts";
import { deleteChallengesOf, lockUser } from "../factors/factor-store.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { deleteMailedLinks } from "../mail-store.ts";
import { noteOwnAct } from "../own-act.ts";
import { requireStrongPassword } from "../password-strength.ts";
import { renewSession } from "../renew-session.ts";
import { endSessionsOf } from "../session.ts";
import { setSessionCookie } from "../session-cookie.ts";
import { setPassword } from "../store.ts";

export const changePassword =
  (ctx: Context): MethodImpl<typeof IdentityService.method.changePassword> =>
  async ({ currentPassword, newPassword }, call) => {
    const { sessionId } = personOf(call);
    const user = await confirmOwner(ctx, currentPassword, call);
    await requireStrongPassword(newPassword, [user.email, user.displayName]);
    const passwordHash = await ctx.passwords.hash(newPassword, call.signal);
    const now = new Date();
    const cookie = await ctx.database.transaction(async (tx) => {
      await lockUser(tx, user.id);
      await setPassword(tx, user.id, passwordHash);
      await deleteMailedLinks(tx, user.id, "reset-password");
      await deleteMailedLinks(tx, user.id, "change-email");
      await deleteChallengesOf(tx, user.id);
      await deleteDevices(tx, user.id);
      await rememberDevice(
        ctx,
        tx,
        { userId: user.id, token: deviceTokenOf(ctx, { deviceToken: "" }, call) },
        call,
        now,
      );
      await endSessionsOf(ctx, tx, user.id, now, sessionId);
      const renewed = await renewSession(ctx, tx, call, { proof: undefined, now });
      await noteOwnAct(tx, call, { event: "password-changed", userId: user.id });
      await orderMail(ctx.jobs, tx, { letter: "password-changed", userId: user.id });
      return renewed;
    });
    if (cookie !== undefined) setSessionCookie(ctx, call, cookie);
    return {};
  };
