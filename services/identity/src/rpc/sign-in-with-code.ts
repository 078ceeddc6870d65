import { timingSafeEqual } from "node:crypto";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf } from "@lyceum/service";
import { answerSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { wrongCode } from "../errors.ts";
import { guessingNetworkOf } from "../guessing/network.ts";
import { deleteSignInCode, trySignInCode } from "../mail-store.ts";
import { hashMailedToken, hashSignInCode, maxCodeTries } from "../mailed-token.ts";
import { findUserByEmail, setEmailVerified, type UserRow } from "../store.ts";

export const signInWithCode =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signInWithCode> =>
  async ({ challenge, code }, call) => {
    const challengeHash = hashMailedToken(challenge);
    const network = guessingNetworkOf(clientAddressOf(call));
    const guess = { subject: `code ${challengeHash}`, network, device: undefined, signal: call.signal };
    const user = await ctx.guesses.guess(guess, () => redeem(ctx, challengeHash, code));
    if (!user) throw wrongCode();
    return answerSignIn(ctx, user, ["mail"], call);
  };

/** Whose code it is, used up. */
async function redeem(ctx: Context, challengeHash: string, code: string): Promise<UserRow | undefined> {
  const { db } = ctx.database;
  // Counted before it is looked at, so that tries made at once are all counted.
  const asked = await trySignInCode(db, challengeHash, maxCodeTries, new Date());
  if (!asked?.codeHash || !isSame(asked.codeHash, hashSignInCode(code, challengeHash))) return undefined;
  if (!(await deleteSignInCode(db, challengeHash))) return undefined;
  const known = await findUserByEmail(db, asked.emailKey);
  // Who reads the mail has proven the address.
  return known && setEmailVerified(db, known.user.id, asked.emailKey);
}

function isSame(stored: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}
