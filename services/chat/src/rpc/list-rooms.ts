import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf, readTimePage } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toRoomMessages } from "../room-message.ts";
import { listRooms as listRoomRows, type RoomOfMember } from "../room-store.ts";

export const listRooms =
  (ctx: Context): MethodImpl<typeof ChatService.method.listRooms> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { rows, nextPageToken } = await readTimePage(
      req,
      ({ room: { lastMessageTime: time, id } }: RoomOfMember) => ({ time, id }),
      (page) => listRoomRows(ctx.database.db, userId, page),
    );
    return { rooms: await toRoomMessages(ctx, rows, userId), nextPageToken };
  };
