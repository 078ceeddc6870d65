import type { MethodImpl } from "@connectrpc/connect";
import { messageEdited } from "@lyceum/gen/events/lyceum/chat/v1/message_edited.ts";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound, notAText, senderOnly } from "../errors.ts";
import { readText } from "../message.ts";
import { findMessage, toEntry, updateMessage } from "../message-store.ts";

export const editMessage =
  (ctx: Context): MethodImpl<typeof ChatService.method.editMessage> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const text = readText(req.text);
    const entry = await changeRoom(ctx, req.roomId, userId, async (draft) => {
      const { tx, room, now } = draft;
      const row = await findMessage(tx, room.id, req.messageId);
      if (!row || row.deleteTime) throw messageNotFound();
      if (row.senderId !== userId) throw senderOnly();
      if (row.kind !== MessageKind.TEXT) throw notAText();
      if (row.text === text) return toEntry(tx, row);
      const change = draft.number();
      const edited = await toEntry(tx, await updateMessage(tx, row.id, { text, editTime: now, change }));
      draft.note(change, { kind: "messageEdited", entry: edited });
      draft.publish(messageEdited({ roomId: room.id, messageId: row.id, seq: row.seq, version: change }));
      return edited;
    });
    return { message: toMessage(entry, userId) };
  };
