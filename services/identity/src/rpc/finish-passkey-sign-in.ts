import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { answerSignIn } from "../answer-sign-in.ts";
import type { Context } from "../context.ts";
import { passkeyRefused } from "../errors.ts";
import { usePasskey } from "../factors/passkeys.ts";
import { noteFailure } from "../note-failure.ts";

export const finishPasskeySignIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.finishPasskeySignIn> =>
  async ({ credential = {} }, call) => {
    const user = await ctx.database.transaction((tx) => usePasskey(tx, ctx.publicUrl, credential, new Date()));
    if (!user) {
      await noteFailure(ctx, call, { details: { method: "passkey" } });
      throw passkeyRefused();
    }
    // The authenticator has asked for a finger, a face or a PIN: two factors in one.
    const { session, user: signedIn } = await answerSignIn(ctx, user, ["hwk", "mfa"], call);
    return { ...(session && { session }), ...(signedIn && { user: signedIn }) };
  };
