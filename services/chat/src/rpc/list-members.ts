import { type CallOptions, Code, ConnectError, type MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { forward, invalidField, personOf, readPage, writePageToken } from "@lyceum/service";
import type { Context } from "../context.ts";
import { roomNotFound } from "../errors.ts";
import { toMemberMessage } from "../room-message.ts";
import { findRoom, listMembers as listMemberRows } from "../room-store.ts";

export const listMembers =
  (ctx: Context): MethodImpl<typeof ChatService.method.listMembers> =>
  async (req, call) => {
    const { limit, after } = readPage<unknown>(req);
    const joinChange = after === undefined ? undefined : toJoinChange(after);
    const found = await findRoom(ctx.database.db, req.roomId, personOf(call).userId);
    if (!found) throw roomNotFound();
    const rows = await listMemberRows(ctx.database.db, found.room.id, {
      after: joinChange === undefined ? undefined : { joinChange },
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const userIds = shown.map(({ userId }) => userId);
    const names = await findNames(ctx, userIds, forward(call));
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      members: shown.map((row) => toMemberMessage(row, names)),
      nextPageToken: last ? writePageToken(last.joinChange) : "",
    };
  };

/** Who belongs to a room can be told without their names. */
async function findNames(ctx: Context, userIds: readonly string[], options: CallOptions) {
  try {
    return await ctx.names.find(userIds, options);
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unavailable) throw error;
    return new Map<string, string>();
  }
}

function toJoinChange(key: unknown): number {
  if (typeof key !== "number" || !Number.isSafeInteger(key))
    throw invalidField("page_token", "is not a token that this list has given out");
  return key;
}
