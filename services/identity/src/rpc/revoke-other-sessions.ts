import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { noteOwnAct } from "../own-act.ts";
import { endSessionsOf } from "../session.ts";

export const revokeOtherSessions =
  (ctx: Context): MethodImpl<typeof IdentityService.method.revokeOtherSessions> =>
  async (_req, call) => {
    const { userId, sessionId } = personOf(call);
    await ctx.database.transaction(async (tx) => {
      await endSessionsOf(ctx, tx, userId, new Date(), sessionId);
      await noteOwnAct(tx, call, { event: "session-revoked", userId, details: { sessions: "others" } });
    });
    return {};
  };
