import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { roomNotFound } from "../errors.ts";
import { toRoomMessages } from "../room-message.ts";
import { findRoom } from "../room-store.ts";

export const getRoom =
  (ctx: Context): MethodImpl<typeof ChatService.method.getRoom> =>
  async ({ roomId }, call) => {
    const { userId } = personOf(call);
    const found = await findRoom(ctx.database.db, roomId, userId);
    if (!found) throw roomNotFound();
    const [room] = await toRoomMessages(ctx, [found], userId);
    return { ...(room && { room }) };
  };
