import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { toEmailKey } from "../account.ts";
import { appendAudit } from "../audit.ts";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { invalidCredentials } from "../errors.ts";
import { startSession, toSessionMessage } from "../session.ts";
import { findUserByEmail } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const signIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signIn> =>
  async ({ email, password }, call) => {
    const account = await findUserByEmail(ctx.database.db, toEmailKey(email));
    // Always verifies something, so that an unknown address takes as long as a wrong password.
    const matches = await ctx.passwords.verify(account?.passwordHash, password, call.signal);
    const details = { method: "password" };
    const client = clientOf(call);
    if (!account || !matches) {
      // Written for unknown addresses as well, so that both take the same time.
      await appendAudit(ctx.database.db, { event: "sign-in-failed", targetId: account?.user.id, client, details });
      throw invalidCredentials();
    }

    const { user } = account;
    const now = new Date();
    const tokens = await ctx.database.transaction(async (tx) => {
      await appendAudit(tx, { event: "signed-in", actorId: user.id, targetId: user.id, client, details }, now);
      return startSession(tx, user.id, call.requestHeader, now);
    });
    return { session: await toSessionMessage(ctx, user, tokens, now), user: toUserMessage(user) };
  };
