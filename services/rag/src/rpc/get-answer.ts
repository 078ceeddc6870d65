import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf } from "@lyceum/service";
import { findAnswer } from "../answer-store.ts";
import type { Context } from "../context.ts";
import { answerNotFound } from "../errors.ts";
import { readAnswers, toAnswerMessage } from "../read-answers.ts";
import { readAsCaller } from "../reader.ts";

export const getAnswer =
  (ctx: Context): MethodImpl<typeof RagService.method.getAnswer> =>
  async ({ answerId }, call) => {
    const row = await findAnswer(ctx.database.db, answerId, personOf(call).userId);
    if (!row) throw answerNotFound();
    const [answer] = (await readAnswers(ctx, readAsCaller(ctx, call), [row])).map(toAnswerMessage);
    return answer ? { answer } : {};
  };
