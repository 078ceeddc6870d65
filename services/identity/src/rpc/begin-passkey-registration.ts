import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import type { Context } from "../context.ts";
import { accountNotFound, tooManyPasskeys } from "../errors.ts";
import { listPasskeys } from "../factors/passkey-store.ts";
import { beginPasskey, maxPasskeys } from "../factors/passkeys.ts";
import { recentlyProvedPersonOf } from "../step-up.ts";
import { findUser } from "../store.ts";

export const beginPasskeyRegistration =
  (ctx: Context): MethodImpl<typeof IdentityService.method.beginPasskeyRegistration> =>
  async (_req, call) => {
    const { userId } = await recentlyProvedPersonOf(ctx, call);
    const { db } = ctx.database;
    const [user, known] = await Promise.all([findUser(db, userId), listPasskeys(db, userId)]);
    if (!user) throw accountNotFound();
    if (known.length >= maxPasskeys) throw tooManyPasskeys(maxPasskeys);
    return { options: await beginPasskey(db, ctx.publicUrl, user, known, new Date()) };
  };
