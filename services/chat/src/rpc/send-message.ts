import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { currentTraceparent, forward, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { roomNotFound } from "../errors.ts";
import { readClientId, readText } from "../message.ts";
import { findRoom } from "../room-store.ts";

export const sendMessage =
  (ctx: Context): MethodImpl<typeof ChatService.method.sendMessage> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { roomId, replyToId } = req;
    const fileIds = [...new Set(req.fileIds)];
    const text = readText(req.text, fileIds.length);
    const clientId = readClientId(req.clientId);
    if (fileIds.length > 0) {
      if (!(await findRoom(ctx.database.db, roomId, userId))) throw roomNotFound();
      await ctx.clients.of(FileInternalService).grantRoomAccess({ roomId, fileIds }, forward(call));
    }
    const traceparent = currentTraceparent();
    const entry = await ctx.sender.send({ roomId, senderId: userId, clientId, text, replyToId, fileIds, traceparent });
    return { message: toMessage(entry, userId) };
  };
