import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { SignInResponseSchema } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { shareUser } from "./admin-store.ts";
import type { Context } from "./context.ts";
import { deviceTokenOf, rememberDevice } from "./devices.ts";
import { invalidCredentials } from "./errors.ts";
import { findFactors } from "./factors/factor-store.ts";
import { beginChallenge, hasSecondFactor } from "./factors/mfa-challenge.ts";
import { noteOwnAct } from "./own-act.ts";
import { type AuthMethod, startSession, toSessionMessage } from "./session.ts";
import type { UserRow } from "./store.ts";
import { toUserMessage } from "./user-message.ts";

type SignInAnswer = Pick<
  MessageInitShape<typeof SignInResponseSchema>,
  "session" | "user" | "mfaChallenge" | "deviceToken"
>;

/**
 * What a sign-in is answered with once `amr` is proved: a session, or, where the person has a second factor and has not proved
 * it, a challenge. Every way to sign in ends here. What was proved before the account changed is asked for again by `isProvedStill`.
 */
export async function answerSignIn(
  ctx: Context,
  { id: userId }: UserRow,
  amr: readonly AuthMethod[],
  call: HandlerContext,
  {
    deviceToken = deviceTokenOf(ctx, { deviceToken: "" }, call),
    isProvedStill = async () => true,
  }: { deviceToken?: string; isProvedStill?: (tx: Transaction) => Promise<boolean> } = {},
): Promise<SignInAnswer> {
  const now = new Date();
  const answer = await ctx.database.transaction(async (tx) => {
    // Sent together: what follows the first sees what was committed while that waited for the account.
    const [user, isProved, factors] = await Promise.all([
      shareUser(tx, userId),
      isProvedStill(tx),
      findFactors(tx, userId),
    ]);
    if (!user || !isProved) throw invalidCredentials();
    if (hasSecondFactor(factors) && !amr.includes("mfa")) {
      return { mfaChallenge: await beginChallenge(tx, { userId: user.id, amr, factors }, now) };
    }
    const tokens = await startSession(ctx, tx, user, call, { amr, now });
    const [, device] = await Promise.all([
      noteSignIn(tx, call, userId, amr),
      rememberDevice(ctx, tx, { userId, token: deviceToken }, call, now),
    ]);
    return { user, tokens, deviceToken: device };
  });
  if (answer.mfaChallenge) return { mfaChallenge: answer.mfaChallenge };
  const { user } = answer;
  const session = await toSessionMessage(ctx, user, answer.tokens, call, now);
  return { session, user: toUserMessage(user), deviceToken: answer.deviceToken };
}

/** Notes a sign-in and the ways in which it was proved. */
export function noteSignIn(
  tx: Transaction,
  call: HandlerContext,
  userId: string,
  amr: readonly AuthMethod[],
): Promise<void> {
  const [method, second] = amr.filter((proof) => proof !== "mfa").map((proof) => methodNames[proof]);
  const details = { ...(method && { method }), ...(second && { secondFactor: second }) };
  return noteOwnAct(tx, call, { event: "signed-in", userId, details });
}

const methodNames = {
  pwd: "password",
  otp: "authenticator app",
  recovery: "recovery code",
  mail: "mail",
  hwk: "passkey",
  fed: "provider",
} as const satisfies Record<Exclude<AuthMethod, "mfa">, string>;
