import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { answerSignIn } from "../answer-sign-in.ts";
import { appendAudit } from "../audit.ts";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { passkeyRefused } from "../errors.ts";
import { usePasskey } from "../factors/passkeys.ts";

export const finishPasskeySignIn =
  (ctx: Context): MethodImpl<typeof IdentityService.method.finishPasskeySignIn> =>
  async ({ credential = {} }, call) => {
    const user = await ctx.database.transaction((tx) => usePasskey(tx, ctx.publicUrl, credential, new Date()));
    if (!user) {
      const details = { method: "passkey" };
      await appendAudit(ctx.database.db, { event: "sign-in-failed", client: clientOf(call), details });
      throw passkeyRefused();
    }
    // The authenticator has asked for a finger, a face or a PIN: two factors in one.
    const { session, user: signedIn } = await answerSignIn(ctx, user, ["hwk", "mfa"], call);
    return { ...(session && { session }), ...(signedIn && { user: signedIn }) };
  };
