import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf, traceIdOf } from "@lyceum/service";
import type { AnsweringContext, RunningAnswer } from "../answer-runner.ts";
import { findAnswer, type StoredAnswer } from "../answer-store.ts";
import { answerNotFound } from "../errors.ts";
import { type Piece, withTraceId } from "../messages.ts";
import { type Progress, readAnswers, toDonePiece, toNewPieces, toRetrievedPiece } from "../read-answers.ts";
import { readAsCaller } from "../reader.ts";

export const resumeAnswer = (ctx: AnsweringContext): MethodImpl<typeof RagService.method.resumeAnswer> =>
  async function* ({ answerId }, call) {
    const row = await getOwn(ctx, answerId, call);
    const running = ctx.answers.find(answerId);
    const pieces = running ? readAlong(ctx, running, call) : follow(ctx, row, call);
    for await (const piece of pieces) yield withTraceId(piece, traceIdOf(call));
  };

async function getOwn(ctx: AnsweringContext, answerId: string, call: HandlerContext): Promise<StoredAnswer> {
  const row = await findAnswer(ctx.database.db, answerId, personOf(call).userId);
  if (!row) throw answerNotFound();
  return row;
}

/** The pieces of an answer that is written here. Who resumes learns by `done` that it broke off. */
async function* readAlong(ctx: AnsweringContext, running: RunningAnswer, call: HandlerContext): AsyncGenerator<Piece> {
  try {
    yield* running.pieces(call.signal);
  } catch (error) {
    call.signal.throwIfAborted();
    const row = await getOwn(ctx, running.answerId, call);
    if (!row.finishReason) throw error;
    yield toDonePiece(row);
  }
}

/** The pieces of an answer that has ended, or that another process writes. */
async function* follow(ctx: AnsweringContext, first: StoredAnswer, call: HandlerContext): AsyncGenerator<Piece> {
  const reader = readAsCaller(ctx, call);
  yield await toRetrievedPiece(ctx, reader, first);
  const had: Progress = { length: 0, numbers: new Set() };
  for (let row = first; ; row = await getOwn(ctx, first.id, call)) {
    const [answer] = await readAnswers(ctx, reader, [row]);
    if (answer) yield* toNewPieces(answer, had);
    if (row.finishReason) return yield toDonePiece(row);
    await ctx.answers.nextGrowth(row.id, call.signal);
    call.signal.throwIfAborted();
  }
}
