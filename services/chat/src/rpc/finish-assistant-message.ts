import type { MethodImpl } from "@connectrpc/connect";
import { messageEdited } from "@lyceum/gen/events/lyceum/chat/v1/message_edited.ts";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { changeRoomForService } from "../change-room.ts";
import { toStoredCitation } from "../citation.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound } from "../errors.ts";
import { findMessage, toEntry, updateMessage } from "../message-store.ts";
import { assistantId } from "./begin-assistant-message.ts";

export const finishAssistantMessage =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.finishAssistantMessage> =>
  async (req) => {
    const text = req.text.replaceAll("\0", "\ufffd").toWellFormed();
    const sources = new Map(req.citations.map(({ number, fileName, quote }) => [number, { fileName, quote }]));
    const entry = await changeRoomForService(ctx, req.roomId, async (draft) => {
      const { tx, room, now } = draft;
      const row = await findMessage(tx, room.id, req.messageId);
      if (!row || row.kind !== MessageKind.ASSISTANT || row.deleteTime) throw messageNotFound();
      if (row.finishReason === req.finishReason && row.text === text) return toEntry(tx, row);
      const change = draft.number();
      const finished = await updateMessage(tx, row.id, {
        text,
        citations: req.citations.map(toStoredCitation),
        finishReason: req.finishReason,
        editTime: now,
        change,
      });
      const edited = { ...(await toEntry(tx, finished)), sources };
      draft.note(change, { kind: "messageEdited", entry: edited });
      draft.publish(messageEdited({ roomId: room.id, messageId: row.id, seq: row.seq, version: change }));
      return edited;
    });
    return { message: toMessage(entry, assistantId) };
  };
