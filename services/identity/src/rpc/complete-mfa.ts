import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { shareUser } from "../admin-store.ts";
import { noteSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { deviceTokenOf, rememberDevice } from "../devices.ts";
import { challengeEnded, wrongCode } from "../errors.ts";
import { countTry, deleteChallenge, findChallenged, lockChallenge } from "../factors/factor-store.ts";
import { guessFactor } from "../factors/guess-factor.ts";
import { hashChallenge, isOpen } from "../factors/mfa-challenge.ts";
import { type FactorProof, proveFactor } from "../factors/prove-factor.ts";
import { noteFailure } from "../note-failure.ts";
import { type AuthMethod, startSession, toSessionMessage } from "../session.ts";
import { toUserMessage } from "../user-message.ts";

export const completeMfa =
  (ctx: Context): MethodImpl<typeof IdentityService.method.completeMfa> =>
  async ({ challengeToken, proof }, call) => {
    const hash = hashChallenge(challengeToken);
    const userId = await findChallenged(ctx.database.db, hash);
    if (!userId) throw challengeEnded();
    const now = new Date();
    const outcome = await guessFactor(ctx, call, userId, () =>
      // A wrong code is answered after the commit, which must leave its try counted.
      ctx.database.transaction(async (tx) => {
        // The account first, as whoever changes it does: no two wait for each other.
        const user = await shareUser(tx, userId);
        const challenge = await lockChallenge(tx, hash);
        if (!user || !challenge || !isOpen(challenge, now)) return { failure: challengeEnded() };
        const method = await proveFactor(ctx, tx, call, { userId, proof: proof as FactorProof }, now);
        if (!method) {
          await countTry(tx, hash);
          return undefined;
        }
        await deleteChallenge(tx, hash);
        const amr = [...(challenge.amr as AuthMethod[]), method, "mfa"] as const;
        await noteSignIn(tx, call, userId, amr);
        await rememberDevice(ctx, tx, { userId, token: deviceTokenOf(ctx, { deviceToken: "" }, call) }, call, now);
        return { user, tokens: await startSession(ctx, tx, user, call, { amr, now }) };
      }),
    );
    if (!outcome) {
      await noteFailure(ctx, call, { targetId: userId, details: { secondFactor: String(proof.case) } });
      throw wrongCode();
    }
    if (outcome.failure) throw outcome.failure;
    const { user, tokens } = outcome;
    return { session: await toSessionMessage(ctx, user, tokens, call, now), user: toUserMessage(user) };
  };
