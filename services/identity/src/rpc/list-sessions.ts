import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { readIdPage, toIdPage } from "../id-page.ts";
import { listLiveSessions } from "../store.ts";

export const listSessions =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listSessions> =>
  async (req, call) => {
    const { userId, sessionId } = personOf(call);
    const { limit, after } = readIdPage(req);
    const found = await listLiveSessions(ctx.database.db, { userId, now: new Date(), limit: limit + 1, after });
    const { page, nextPageToken } = toIdPage(found, limit);
    return {
      sessions: page.map((session) => ({
        id: session.id,
        current: session.id === sessionId,
        userAgent: session.userAgent,
        network: session.network,
        createTime: timestampFromDate(session.createTime),
        lastSeenTime: timestampFromDate(session.lastSeenTime),
      })),
      nextPageToken,
    };
  };
