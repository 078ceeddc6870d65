import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { newId } from "@lyceum/service";
import type { Context } from "../context.ts";
import { newPasskeyRefused, tooManyPasskeys } from "../errors.ts";
import { lockUser } from "../factors/factor-store.ts";
import { toPasskeyMessage } from "../factors/passkey-message.ts";
import { insertPasskey, listPasskeys } from "../factors/passkey-store.ts";
import { checkNewPasskey, maxPasskeys } from "../factors/passkeys.ts";
import { giveFirstRecoveryCodes } from "../factors/recovery-code.ts";
import { noteSecurityChange } from "../note-security-change.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";

export const finishPasskeyRegistration =
  (ctx: Context): MethodImpl<typeof IdentityService.method.finishPasskeyRegistration> =>
  async ({ name, credential = {} }, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const now = new Date();
    const made = await checkNewPasskey(ctx.database.db, ctx.publicUrl, { userId, credential }, now);
    if (!made) throw newPasskeyRefused();
    return ctx.database.transaction(async (tx) => {
      await lockUser(tx, userId);
      if ((await listPasskeys(tx, userId)).length >= maxPasskeys) throw tooManyPasskeys(maxPasskeys);
      const row = await insertPasskey(tx, {
        id: newId(),
        userId,
        name: name.trim() || "Passkey",
        createTime: now,
        ...made,
      });
      if (!row) throw newPasskeyRefused();
      const details = { factor: "passkey", passkeyId: row.id };
      await noteSecurityChange(ctx, tx, call, "passkey-added", { userId, details });
      return { passkey: toPasskeyMessage(row), recoveryCodes: await giveFirstRecoveryCodes(tx, userId) };
    });
  };
