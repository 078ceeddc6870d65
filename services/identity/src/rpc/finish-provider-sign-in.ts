import { Code, ConnectError, type HandlerContext, type MethodImpl } from "@connectrpc/connect";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import { answerSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { accountNotLinked, providerEmailUnverified } from "../errors.ts";
import { noteFailure } from "../note-failure.ts";
import { noteOwnAct } from "../own-act.ts";
import type { Claimed } from "../providers/provider.ts";
import { endFlow } from "../providers/provider-flow.ts";
import { findLinkedUser, insertLink } from "../providers/provider-store.ts";
import { insertUser, type UserRow } from "../store.ts";

export const finishProviderSignIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.finishProviderSignIn> =>
  async (req, call) => {
    const { claimed, providerId, returnTo } = await endFlow(ctx, req).catch(async (error: unknown) => {
      if (ConnectError.from(error).code === Code.Unauthenticated) {
        await noteFailure(ctx, call, { details: { method: "provider" } });
      }
      throw error;
    });
    const user = (await findLinkedUser(ctx.database.db, claimed)) ?? (await signUpBy(ctx, call, providerId, claimed));
    const { session, user: signedIn, mfaChallenge } = await answerSignIn(ctx, user, ["fed"], call);
    return {
      ...(session && { session }),
      ...(signedIn && { user: signedIn }),
      ...(mfaChallenge && { mfaChallenge }),
      returnTo,
    };
  };

/** Makes an account without a password. An existing one with that address is never taken over: its owner links it. */
function signUpBy(ctx: Context, call: HandlerContext, providerId: string, claimed: Claimed): Promise<UserRow> {
  const { issuer, subject, verifiedEmail: email, name } = claimed;
  if (email === undefined) throw providerEmailUnverified();
  const now = new Date();
  const displayName = nameOf(name, email);
  return ctx.database.transaction(async (tx) => {
    const account = { id: newId(), email, emailKey: toEmailKey(email), emailVerified: true, displayName };
    const user = await insertUser(tx, { ...account, createTime: now }, undefined);
    if (!user) throw accountNotLinked();
    const link = { userId: user.id, providerId, issuer, subject, linkTime: now };
    // Two flows of one person ended at once: the other one has made the account.
    if (!(await insertLink(tx, link))) throw accountNotLinked();
    await ctx.events.append(tx, userRegistered({ userId: user.id, version: user.version }));
    await noteOwnAct(tx, call, { event: "signed-up", userId: user.id, details: { provider: providerId } });
    return user;
  });
}

/** What the provider calls the person, without what a display name must not hold. */
function nameOf(name: string, email: string): string {
  const shown = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim();
  return (shown || email.slice(0, email.lastIndexOf("@"))).slice(0, 80);
}
