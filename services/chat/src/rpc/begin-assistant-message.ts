import type { MethodImpl } from "@connectrpc/connect";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { changeRoomForService, type Draft } from "../change-room.ts";
import type { Context } from "../context.ts";
import { type Entry, toMessage } from "../entry.ts";
import { messageNotFound } from "../errors.ts";
import { findByAnswer, findMessage, toEntry, updateMessage } from "../message-store.ts";

/** Who writes the assistant's messages. */
export const assistantId = "assistant";

export const beginAssistantMessage =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.beginAssistantMessage> =>
  async ({ roomId, questionId, answerId, onlyUserId }) => {
    const entry = await changeRoomForService(ctx, roomId, async (draft) => {
      if (onlyUserId) return noteAtQuestion(draft, { questionId, answerId, askerId: onlyUserId });
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

/** Nobody else sees it, so that it is no change of the room. */
async function noteAtQuestion(
  { tx, room }: Draft,
  { questionId, answerId, askerId }: { questionId: string; answerId: string; askerId: string },
): Promise<Entry> {
  const question = await findMessage(tx, room.id, questionId);
  if (!question || question.deleteTime || question.senderId !== askerId) throw messageNotFound();
  return toEntry(tx, await updateMessage(tx, question.id, { answerId }));
}
