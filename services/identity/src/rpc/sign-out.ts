import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { endSession } from "../session.ts";
import { clearSessionCookie } from "../session-cookie.ts";
import { findLiveSession } from "../store.ts";

export const signOut =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signOut> =>
  async (_req, call) => {
    const person = personOf(call);
    const now = new Date();
    const session = await findLiveSession(ctx.database.db, person, now);
    await endSession(ctx, person, { event: "signed-out", client: clientOf(call) }, now);
    if (session?.cookieHash) clearSessionCookie(ctx, call);
    return {};
  };
