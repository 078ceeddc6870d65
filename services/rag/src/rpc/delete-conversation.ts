import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { AnsweringContext } from "../answer-runner.ts";
import { deleteConversation as deleteRow } from "../conversation-store.ts";
import { conversationNotFound } from "../errors.ts";

export const deleteConversation =
  (ctx: AnsweringContext): MethodImpl<typeof RagService.method.deleteConversation> =>
  async ({ conversationId }, call) => {
    const { userId } = personOf(call);
    const running = await ctx.database.transaction((tx) => deleteRow(tx, conversationId, userId));
    if (!running) throw conversationNotFound();
    // Their writers find them gone.
    for (const answerId of running) await ctx.answers.callToEnd(answerId).catch(() => {});
    return {};
  };
