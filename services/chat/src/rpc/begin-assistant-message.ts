import type { MethodImpl } from "@connectrpc/connect";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { changeRoomForService } from "../change-room.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound } from "../errors.ts";
import { findByAnswer, findMessage, toEntry } from "../message-store.ts";

/** Who writes the assistant's messages. */
export const assistantId = "assistant";

export const beginAssistantMessage =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.beginAssistantMessage> =>
  async ({ roomId, questionId, answerId }) => {
    const entry = await changeRoomForService(ctx, roomId, async (draft) => {
      const begun = await findByAnswer(draft.tx, draft.room.id, answerId);
      if (begun) return toEntry(draft.tx, begun);
      const question = await findMessage(draft.tx, draft.room.id, questionId);
      if (!question || question.deleteTime) throw messageNotFound();
      const row = draft.say({
        kind: MessageKind.ASSISTANT,
        senderId: assistantId,
        replyToId: question.id,
        answerId,
      });
      return { row, reactions: [] };
    });
    return { message: toMessage(entry, assistantId) };
  };
