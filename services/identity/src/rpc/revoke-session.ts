import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { sessionNotFound } from "../errors.ts";
import { endSession } from "../session.ts";

export const revokeSession =
  (ctx: Context): MethodImpl<typeof IdentityService.method.revokeSession> =>
  async ({ sessionId }, call) => {
    const { userId } = personOf(call);
    const ended = { event: "session-revoked", client: clientOf(call) } as const;
    if (!(await endSession(ctx, { sessionId, userId }, ended, new Date()))) throw sessionNotFound();
    return {};
  };
