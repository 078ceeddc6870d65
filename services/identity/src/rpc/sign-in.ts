import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { clientAddressOf } from "@lyceum/service";
import { toEmailKey } from "../account.ts";
import { answerSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { deviceTokenOf, knownDeviceOf } from "../devices.ts";
import { invalidCredentials } from "../errors.ts";
import { guessingNetworkOf } from "../guessing/network.ts";
import { noteFailure } from "../note-failure.ts";
import { findUserByEmail, findUserWithPassword, replacePassword } from "../store.ts";

export const signIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signIn> =>
  async (req, call) => {
    const { password, captchaToken } = req;
    const emailKey = toEmailKey(req.email);
    const deviceToken = deviceTokenOf(ctx, req, call);
    const address = clientAddressOf(call);
    const device = await knownDeviceOf(ctx, emailKey, deviceToken);
    if (device === undefined) await ctx.captcha.require(captchaToken, address, call.signal);

    const guess = { subject: emailKey, network: guessingNetworkOf(address), device, signal: call.signal };
    const account = await ctx.guesses.guess(guess, async () => {
      const known = await findUserByEmail(ctx.database.db, emailKey);
      // Always verifies something, so that an unknown address takes as long as a wrong password.
      const matches = await ctx.passwords.verify(known?.passwordHash, password, call.signal);
      if (known && matches) return known;
      // Written for unknown addresses as well, so that both take about the same time.
      await noteFailure(ctx, call, { targetId: known?.user.id, details: { method: "password" } });
      return undefined;
    });
    if (!account) throw invalidCredentials();

    const { user, passwordHash = "" } = account;
    if (ctx.passwords.isOutdated(passwordHash)) {
      const renewed = await ctx.passwords.hash(password, call.signal);
      await replacePassword(ctx.database.db, user.id, passwordHash, renewed);
    }
    // A new password that came while this one was judged must not leave a session to the old one.
    const isProvedStill = async (tx: Transaction) => {
      const current = (await findUserWithPassword(tx, user.id))?.passwordHash;
      return current === passwordHash || ctx.passwords.verify(current, password, call.signal);
    };
    return answerSignIn(ctx, user, ["pwd"], call, { deviceToken, isProvedStill });
  };
