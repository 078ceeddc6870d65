import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import { appendAudit } from "../audit.ts";
import { type Client, clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { invalidLink } from "../errors.ts";
import { takeMailedLink, takePendingSignUp } from "../mail-store.ts";
import { hashMailedToken } from "../mailed-token.ts";
import { insertUser, setEmailVerified, type UserRow } from "../store.ts";
import { toUserMessage } from "../user-message.ts";

export const verifyEmail =
  (ctx: Context): MethodImpl<typeof IdentityService.method.verifyEmail> =>
  async ({ token }, call) => {
    const hash = hashMailedToken(token);
    const now = new Date();
    const client = clientOf(call);
    const user = await ctx.database.transaction(async (tx) => {
      const verified = (await verifyAccount(tx, hash, now)) ?? (await beginAccount(ctx, tx, hash, { client, now }));
      if (!verified) throw invalidLink();
      await appendAudit(tx, { event: "email-verified", actorId: verified.id, targetId: verified.id, client }, now);
      return verified;
    });
    return { user: toUserMessage(user) };
  };

async function verifyAccount(tx: Transaction, hash: string, now: Date): Promise<UserRow | undefined> {
  const link = await takeMailedLink(tx, hash, "verify-email", now);
  // The account may have moved to another address since.
  return link && setEmailVerified(tx, link.userId, toEmailKey(link.email));
}

async function beginAccount(
  ctx: Context,
  tx: Transaction,
  hash: string,
  { client, now }: { client: Client; now: Date },
): Promise<UserRow | undefined> {
  const signUp = await takePendingSignUp(tx, hash, now);
  if (!signUp) return undefined;
  const { email, displayName, passwordHash } = signUp;
  const account = {
    id: newId(),
    email,
    emailKey: toEmailKey(email),
    displayName,
    emailVerified: true,
    createTime: now,
  };
  const user = await insertUser(tx, account, passwordHash);
  if (!user) return undefined;
  await ctx.events.append(tx, userRegistered({ userId: user.id, version: user.version }));
  await appendAudit(tx, { event: "signed-up", actorId: user.id, targetId: user.id, client }, now);
  return user;
}
