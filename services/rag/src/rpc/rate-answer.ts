import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf } from "@lyceum/service";
import { putFeedback } from "../answer-store.ts";
import type { Context } from "../context.ts";
import { answerNotFound } from "../errors.ts";

export const rateAnswer =
  ({ database }: Context): MethodImpl<typeof RagService.method.rateAnswer> =>
  async ({ answerId, rating, comment }, call) => {
    const { userId } = personOf(call);
    const said = { answerId, rating, comment, time: new Date() };
    if (!(await database.transaction((tx) => putFeedback(tx, userId, said)))) throw answerNotFound();
    return {};
  };
