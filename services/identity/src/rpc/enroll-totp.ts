import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { accountNotFound, totpEnrolled } from "../errors.ts";
import { lockTotp, lockUser, putTotp } from "../factors/factor-store.ts";
import { newTotpSecret, totpUri } from "../factors/totp.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const enrollTotp =
  (ctx: Context): MethodImpl<typeof IdentityService.method.enrollTotp> =>
  async (_req, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const secret = newTotpSecret();
    const email = await ctx.database.transaction(async (tx) => {
      const user = await lockUser(tx, userId);
      if (!user) throw accountNotFound();
      if ((await lockTotp(tx, userId))?.confirmTime) throw totpEnrolled();
      await putTotp(tx, { userId, secret: await ctx.sealing.seal(tx, secret, userId), createTime: new Date() });
      return user.email;
    });
    return { secret, uri: totpUri(secret, email) };
  };
