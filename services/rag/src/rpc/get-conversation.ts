import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf, readTimePage } from "@lyceum/service";
import { listAnswers, type StoredAnswer } from "../answer-store.ts";
import type { Context } from "../context.ts";
import { findConversation } from "../conversation-store.ts";
import { conversationNotFound } from "../errors.ts";
import { toConversationMessage } from "../messages.ts";
import { readAnswers, toAnswerMessage } from "../read-answers.ts";
import { readAsCaller } from "../reader.ts";
import type { WarmUp } from "../warm-up.ts";

export const getConversation =
  (ctx: Context, warmUp: WarmUp): MethodImpl<typeof RagService.method.getConversation> =>
  async (req, call) => {
    warmUp(call);
    const { db } = ctx.database;
    const conversation = await findConversation(db, req.conversationId, personOf(call).userId);
    if (!conversation) throw conversationNotFound();
    const { rows, nextPageToken } = await readTimePage(
      req,
      ({ createTime: time, id }: StoredAnswer) => ({ time, id }),
      (page) => listAnswers(db, conversation.id, page),
    );
    const answers = await readAnswers(ctx, readAsCaller(ctx, call), rows.reverse());
    return {
      conversation: toConversationMessage(conversation),
      answers: answers.map(toAnswerMessage),
      nextPageToken,
    };
  };
