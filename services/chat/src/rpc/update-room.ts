import { create } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import { type ChatService, RoomChangedSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { readTitle, requireOwner } from "../room.ts";
import { toRoomMessages } from "../room-message.ts";

export const updateRoom =
  (ctx: Context): MethodImpl<typeof ChatService.method.updateRoom> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const title = req.title === undefined ? undefined : readTitle(req.title);
    const changed = await changeRoom(ctx, req.roomId, userId, async (draft, member) => {
      requireOwner(draft.room.kind, member);
      if (title !== undefined && title !== draft.room.title) draft.set({ title, updateTime: draft.now });
      return { room: draft.room, member };
    });
    const [room] = await toRoomMessages(ctx, [changed], userId);
    const value = create(RoomChangedSchema, { roomId: req.roomId, title: changed.room.title });
    if (title !== undefined) ctx.live.tell({ roomId: req.roomId }, { case: "room", value });
    return { ...(room && { room }) };
  };
