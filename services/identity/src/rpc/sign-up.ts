import type { MethodImpl } from "@connectrpc/connect";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId } from "@lyceum/service";
import { displayNameOf, toEmailKey } from "../account.ts";
import { appendAudit } from "../audit.ts";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { emailTaken } from "../errors.ts";
import { startSession, toSessionMessage } from "../session.ts";
import { findUserByEmail, insertUser } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const signUp =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signUp> =>
  async ({ email, password, displayName }, call) => {
    const account = { email, emailKey: toEmailKey(email), displayName: displayNameOf(displayName, email) };
    // Spares the hash for most taken addresses; the unique key decides.
    if (await findUserByEmail(ctx.database.db, account.emailKey)) throw emailTaken();
    const passwordHash = await ctx.passwords.hash(password, call.signal);

    const now = new Date();
    const { user, tokens } = await ctx.database.transaction(async (tx) => {
      const user = await insertUser(tx, { id: newId(), createTime: now, ...account }, passwordHash);
      if (!user) throw emailTaken();
      await ctx.events.append(tx, userRegistered({ userId: user.id, version: user.version }));
      await appendAudit(tx, { event: "signed-up", actorId: user.id, targetId: user.id, client: clientOf(call) }, now);
      return { user, tokens: await startSession(tx, user.id, call, { amr: ["pwd"], now }) };
    });
    return { session: await toSessionMessage(ctx, user, tokens, now), user: toUserMessage(user) };
  };
