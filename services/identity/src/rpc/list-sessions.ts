import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { invalidField, personOf, readPage, writePageToken } from "@lyceum/service";
import type { Context } from "../context.ts";
import { listLiveSessions } from "../store.ts";

export const listSessions =
  (ctx: Context): MethodImpl<typeof IdentityService.method.listSessions> =>
  async (req, call) => {
    const { userId, sessionId } = personOf(call);
    const { limit, after } = readPage<unknown>(req);
    if (after !== undefined && typeof after !== "string")
      throw invalidField("page_token", "is not a token that this list has given out");
    const found = await listLiveSessions(ctx.database.db, { userId, now: new Date(), limit: limit + 1, after });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      sessions: page.map((session) => ({
        id: session.id,
        current: session.id === sessionId,
        userAgent: session.userAgent,
        createTime: timestampFromDate(session.createTime),
        lastSeenTime: timestampFromDate(session.lastSeenTime),
      })),
      nextPageToken: found.length > limit && last ? writePageToken(last.id) : "",
    };
  };
