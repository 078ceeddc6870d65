import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { newId, personOf, traceIdOf } from "@lyceum/service";
import type { AnsweringContext } from "../answer-runner.ts";
import { findConversation } from "../conversation-store.ts";
import { conversationNotFound } from "../errors.ts";
import { listTurns } from "../list-turns.ts";
import { withTraceId } from "../messages.ts";
import { readerOf } from "../reader.ts";

export const ask = (ctx: AnsweringContext): MethodImpl<typeof RagService.method.ask> =>
  async function* ({ question, conversationId, fileIds, roomId }, call) {
    const { userId } = personOf(call);
    if (conversationId && !(await findConversation(ctx.database.db, conversationId, userId))) {
      throw conversationNotFound();
    }
    const reader = await readerOf(ctx, call, roomId);
    const turns = conversationId ? await listTurns(ctx, reader, conversationId) : [];
    const conversation = { id: conversationId || newId(), isNew: !conversationId };
    const answer = await ctx.answers.begin(reader, { userId, question, fileIds, turns, conversation });
    for await (const piece of answer.pieces(call.signal)) yield withTraceId(piece, traceIdOf(call));
  };
