import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import { clientOf } from "../client.ts";
import type { Context } from "../context.ts";
import { endSession } from "../session.ts";
import { clearSessionCookie } from "../session-cookie.ts";

export const signOut =
  (ctx: Context): MethodImpl<typeof IdentityService.method.signOut> =>
  async (_req, call) => {
    const session = await endSession(ctx, personOf(call), { event: "signed-out", client: clientOf(call) }, new Date());
    if (session?.cookieHash) clearSessionCookie(ctx, call);
    return {};
  };
