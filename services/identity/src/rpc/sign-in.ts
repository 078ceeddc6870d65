import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { toEmailKey } from "../account.ts";
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
    if (!account || !matches) throw invalidCredentials();

    const { user } = account;
    const now = new Date();
    const tokens = await ctx.database.transaction((tx) => startSession(tx, user.id, call.requestHeader, now));
    return { session: await toSessionMessage(ctx, user, tokens, now), user: toUserMessage(user) };
  };
