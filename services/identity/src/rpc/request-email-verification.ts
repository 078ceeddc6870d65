import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { accountNotFound } from "../errors.ts";
import { orderMail } from "../jobs/send-mail.ts";
import { requireMail } from "../mail/count-mail.ts";
import { findUser } from "../store.ts";

export const requestEmailVerification =
  (ctx: Context): MethodImpl<typeof IdentityService.method.requestEmailVerification> =>
  async (_req, call) => {
    const user = await findUser(ctx.database.db, personOf(call).userId);
    if (!user) throw accountNotFound();
    if (user.emailVerified) return {};
    await requireMail(ctx, user.emailKey, call);
    await ctx.database.transaction((tx) => orderMail(ctx.jobs, tx, { letter: "verify-email", userId: user.id }));
    return {};
  };
