import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { invalidField, personOf, readPage, writePageToken } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toRoomMessages } from "../room-message.ts";
import { listRooms as listRoomRows, type RoomPosition } from "../room-store.ts";

export const listRooms =
  (ctx: Context): MethodImpl<typeof ChatService.method.listRooms> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { limit, after } = readPage<unknown>(req);
    const rows = await listRoomRows(ctx.database.db, userId, {
      after: after === undefined ? undefined : toPosition(after),
      limit: limit + 1,
    });
    const last = rows.length > limit ? rows[limit - 1]?.room : undefined;
    return {
      rooms: await toRoomMessages(ctx, rows.slice(0, limit), userId),
      nextPageToken: last ? writePageToken([last.lastMessageTime.getTime(), last.id]) : "",
    };
  };

function toPosition(key: unknown): RoomPosition {
  const [time, id] = Array.isArray(key) ? key : [];
  const lastMessageTime = new Date(typeof time === "number" ? time : Number.NaN);
  // Years beyond 9999 are written in a way that Postgres does not read.
  const isReadable = Math.abs(lastMessageTime.getUTCFullYear() - 5000) < 5000;
  if (!isReadable || typeof id !== "string")
    throw invalidField("page_token", "is not a token that this list has given out");
  return { lastMessageTime, id };
}
