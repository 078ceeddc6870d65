import type { MethodImpl } from "@connectrpc/connect";
import { messageDeleted } from "@lyceum/gen/events/lyceum/chat/v1/message_deleted.ts";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { MemberRole } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound, notAText, senderOnly } from "../errors.ts";
import { deleteReactions, findMessage, updateMessage } from "../message-store.ts";

export const deleteMessage =
  (ctx: Context): MethodImpl<typeof ChatService.method.deleteMessage> =>
  async ({ roomId, messageId }, call) => {
    const { userId } = personOf(call);
    const row = await changeRoom(ctx, roomId, userId, async (draft, member) => {
      const { tx, room, now } = draft;
      const current = await findMessage(tx, room.id, messageId);
      if (!current || current.deleteTime) throw messageNotFound();
      if (current.senderId !== userId && member.role !== MemberRole.OWNER) throw senderOnly();
      if (current.kind === MessageKind.MEMBERSHIP) throw notAText();
      const change = draft.number();
      await deleteReactions(tx, current.id);
      const answerId = current.kind === MessageKind.TEXT ? null : current.answerId;
      const erased = { text: "", fileIds: [], citations: [], answerId, editTime: null, deleteTime: now, change };
      const { id, seq } = current;
      draft.note(change, { kind: "messageDeleted", messageId: id, seq });
      draft.publish(messageDeleted({ roomId: room.id, messageId: id, seq, version: change }));
      return updateMessage(tx, id, erased);
    });
    return { message: toMessage({ row, reactions: [] }, userId) };
  };
