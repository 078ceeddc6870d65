import { timingSafeEqual } from "node:crypto";
import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf } from "@lyceum/service";
import { answerSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { deviceTokenOf, knownDeviceOf } from "../devices.ts";
import { wrongCode } from "../errors.ts";
import { lockUser } from "../factors/factor-store.ts";
import { guessingNetworkOf } from "../guessing/network.ts";
import { deleteSignInCode, trySignInCode } from "../mail-store.ts";
import { hashMailedToken, hashSignInCode, maxCodeTries } from "../mailed-token.ts";
import { noteFailure } from "../note-failure.ts";
import { noteOwnAct } from "../own-act.ts";
import { deletePassword, findUserByEmail, setEmailVerified, type UserRow } from "../store.ts";
import { everything, takeBack } from "../take-back.ts";

export const signInWithCode =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signInWithCode> =>
  async ({ challenge, code }, call) => {
    const challengeHash = hashMailedToken(challenge);
    const network = guessingNetworkOf(clientAddressOf(call));
    const guess = { subject: `code ${challengeHash}`, network, device: undefined, signal: call.signal };
    const known = await ctx.guesses.guess(guess, () => redeem(ctx, call, challengeHash, code));
    if (!known) throw wrongCode();
    const user = known.emailVerified ? known : await verifyReader(ctx, known, call);
    return answerSignIn(ctx, user, ["mail"], call);
  };

/** Whose code it is, used up. */
async function redeem(
  ctx: Context,
  call: HandlerContext,
  challengeHash: string,
  code: string,
): Promise<UserRow | undefined> {
  const { db } = ctx.database;
  // Counted before it is looked at, so that tries made at once are all counted.
  const asked = await trySignInCode(db, challengeHash, maxCodeTries, new Date());
  const user = asked && (await findUserByEmail(db, asked.emailKey))?.user;
  const isRight = asked?.codeHash != null && isSame(asked.codeHash, hashSignInCode(code, challengeHash));
  if (isRight && (await deleteSignInCode(db, challengeHash))) return user;
  await noteFailure(ctx, call, { targetId: user?.id, details: { method: "mail" } });
  return undefined;
}

/** Who reads the mail has proven the address, and need not be who signed up with it: then nobody else keeps a way in. */
async function verifyReader(ctx: Context, { id: userId, emailKey }: UserRow, call: HandlerContext): Promise<UserRow> {
  const device = await knownDeviceOf(ctx, emailKey, deviceTokenOf(ctx, { deviceToken: "" }, call));
  return ctx.database.transaction(async (tx) => {
    const before = await lockUser(tx, userId);
    const user = await setEmailVerified(tx, userId, emailKey);
    if (!user) throw wrongCode();
    if (!before?.emailVerified && device === undefined) {
      await deletePassword(tx, userId);
      await takeBack(ctx, tx, userId, { now: new Date(), distrusted: everything });
    }
    await noteOwnAct(tx, call, { event: "email-verified", userId });
    return user;
  });
}

function isSame(stored: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}
