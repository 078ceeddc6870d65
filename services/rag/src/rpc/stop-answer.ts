import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf } from "@lyceum/service";
import { type AnsweringContext, endAbandoned } from "../answer-runner.ts";
import { findAnswer, requestStop } from "../answer-store.ts";
import { answerGoesOn, answerNotFound } from "../errors.ts";

const waitMs = 5_000;

export const stopAnswer =
  (ctx: AnsweringContext): MethodImpl<typeof RagService.method.stopAnswer> =>
  async ({ answerId }, call) => {
    const { userId } = personOf(call);
    const { db } = ctx.database;
    await requestStop(db, answerId, userId);
    await endAbandoned(ctx);
    const until = Date.now() + waitMs;
    for (let isCalled = false; ; isCalled = true) {
      const growth = ctx.answers.nextGrowth(answerId, call.signal);
      const row = await findAnswer(db, answerId, userId);
      if (!row) throw answerNotFound();
      if (row.finishReason) return { finishReason: row.finishReason };
      if (Date.now() > until) throw answerGoesOn();
      if (!isCalled) await ctx.answers.callToEnd(answerId);
      await growth;
      call.signal.throwIfAborted();
    }
  };
