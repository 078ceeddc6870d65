import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { toEmailKey } from "../account.ts";
import { answerSignIn } from "../answer-sign-in.ts";
import { appendAudit } from "../audit.ts";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { invalidCredentials } from "../errors.ts";
import { findUserByEmail } from "../store.ts";

export const signIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signIn> =>
  async ({ email, password }, call) => {
    const account = await findUserByEmail(ctx.database.db, toEmailKey(email));
    // Always verifies something, so that an unknown address takes as long as a wrong password.
    const matches = await ctx.passwords.verify(account?.passwordHash, password, call.signal);
    if (!account || !matches) {
      // Written for unknown addresses as well, so that both take the same time.
      const failure = { targetId: account?.user.id, client: clientOf(call), details: { method: "password" } };
      await appendAudit(ctx.database.db, { event: "sign-in-failed", ...failure });
      throw invalidCredentials();
    }
    return answerSignIn(ctx, account.user, ["pwd"], call);
  };
