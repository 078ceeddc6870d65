import { FinishReason, FinishReasonSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { insertAnswer } from "./answer-store.ts";
import { type AnswerWriter, createAnswerWriter } from "./answer-writer.ts";
import { toTitle } from "./answering/answer.ts";
import { type Measures, startClock, toUsageAndTimings } from "./clock.ts";
import type { Context } from "./context.ts";
import { askInConversation, insertConversation } from "./conversation-store.ts";
import { answerMoved, answerTooLong, conversationNotFound, modelUnavailable } from "./errors.ts";
import { type GeneratorRequest, ModelUnavailableError, type Turn } from "./generator/generator.ts";
import { type Piece, toDone, toPassageMessage } from "./messages.ts";
import type { Reader } from "./reader.ts";
import { createReplay, type Replay } from "./replay.ts";
import type { Retrieval } from "./retrieval.ts";
import { retrieve } from "./retrieve.ts";
import { type Spoken, speak } from "./speak.ts";

/** What to answer, and to whom. */
export type AnswerRequest = {
  readonly userId: string;
  readonly question: string;
  /** Only these files; none for all that the reader may read. */
  readonly fileIds: readonly string[];
  /** Earlier turns, the oldest first. */
  readonly turns: readonly Turn[];
  /** The person's conversation that it belongs to; none for an answer in a room. */
  readonly conversation?: { readonly id: string; readonly isNew: boolean };
  /** Given by work that may be tried again: an answer with this id that has not ended begins anew. */
  readonly answerId?: string;
};

/** An answer that this process writes. */
export type Run = {
  readonly answerId: string;
  readonly lease: string;
  readonly replay: Replay<Piece>;
  /** Ends it: with `Stopped` as its asker wants it, with an error as broken off. */
  readonly stop: AbortController;
  /** Resolves when its end is stored. */
  readonly done: Promise<void>;
};

/** Why an answer ends that its asker stops. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

const maxRunMs = 5 * 60_000;
const stepTimeoutMs = 10_000;

/** Retrieves in the reader's time, stores that the answer has begun, and lets it go on by itself. */
export async function runAnswer(ctx: Context, reader: Reader, request: AnswerRequest): Promise<Run> {
  const clock = startClock();
  const retrieval = await find(ctx, reader, request);
  clock.mark("retrieval");
  const run = {
    answerId: request.answerId ?? newId(),
    lease: newId(),
    replay: createReplay<Piece>(),
    stop: new AbortController(),
  };
  await insert(ctx, request, run, retrieval);
  const { answerId, replay, stop } = run;
  const conversationId = request.conversation?.id ?? "";
  const passages = retrieval.passages.map(toPassageMessage);
  replay.add({ event: { case: "retrieved", value: { answerId, conversationId, passages } } });
  const writer = createAnswerWriter(
    ctx,
    { id: answerId, lease: run.lease },
    (piece) => {
      if (piece.event?.case === "delta") clock.mark("firstDelta");
      replay.add(piece);
    },
    (why) => stop.abort(why === "stopped" ? new Stopped() : answerMoved()),
  );
  const finish = async () => {
    const { reason, counted, failure } = await speakOut(ctx, { ...request, retrieval }, writer, stop);
    const measures = { ...clock.read(), ...counted };
    const isKept = await writer.finish(reason, measures);
    logEnd(ctx, answerId, reason, measures, failure);
    if (failure !== undefined) throw failure;
    if (!isKept) throw answerMoved();
    replay.add(toDone({ answerId, conversationId, finishReason: reason, ...toUsageAndTimings(measures) }));
  };
  const done = finish().then(
    () => replay.end(),
    (error) => replay.end(error),
  );
  return { ...run, done };
}

/** What a question finds, understood with what was said before it. */
async function find(ctx: Context, reader: Reader, request: AnswerRequest): Promise<Retrieval> {
  const { question, turns, fileIds } = request;
  const { standAlone, passageLimit: limit } = ctx.generator;
  const query = turns.length > 0 ? await standAlone(question, turns, reader.signal) : question;
  return retrieve(ctx, reader, { query, fileIds, limit });
}

/** Stores that an answer has begun, in its conversation, if that is still there. */
async function insert(
  { database }: Context,
  { userId: ownerId, question, conversation }: AnswerRequest,
  { answerId: id, lease }: Pick<Run, "answerId" | "lease">,
  retrieval: Retrieval,
): Promise<void> {
  const time = new Date();
  const passages = retrieval.passages.map(({ passage, hit: { fileId, score } }) => ({ id: passage.id, fileId, score }));
  await database.transaction(async (tx) => {
    if (conversation?.isNew) {
      const title = toTitle(question);
      await insertConversation(tx, { id: conversation.id, ownerId, title, createTime: time, updateTime: time });
    } else if (conversation && !(await askInConversation(tx, { id: conversation.id, ownerId, question, time }))) {
      throw conversationNotFound();
    }
    const conversationId = conversation?.id ?? null;
    const isBegun = await insertAnswer(tx, {
      id,
      conversationId,
      ownerId,
      question,
      passages,
      lease,
      createTime: time,
    });
    if (!isBegun) throw answerMoved();
  });
}

type Outcome = Spoken & { readonly failure?: unknown };

/** Speaks to the end, whatever that is. */
async function speakOut(
  ctx: Context,
  request: GeneratorRequest,
  writer: AnswerWriter,
  stop: AbortController,
): Promise<Outcome> {
  const { signal } = stop;
  const tooLong = setTimeout(() => stop.abort(answerTooLong()), maxRunMs).unref();
  const toIngest = () => ctx.clients.asService("ingest", { signal, timeoutMs: stepTimeoutMs });
  try {
    return await speak(ctx, { signal, toIngest }, request, writer);
  } catch (error) {
    const counted = { inputTokens: 0, outputTokens: 0, droppedCitations: 0 };
    const why = signal.aborted ? signal.reason : error;
    if (why instanceof Stopped) return { reason: FinishReason.STOPPED, counted };
    const failure = why instanceof ModelUnavailableError ? modelUnavailable(why) : why;
    return { reason: FinishReason.ERROR, counted, failure };
  } finally {
    clearTimeout(tooLong);
  }
}

/** One line per answer, as there is one per call. */
function logEnd({ log }: Context, answerId: string, reason: FinishReason, measures: Measures, failure: unknown): void {
  const finishReason = FinishReasonSchema.value[reason]?.name;
  if (failure === undefined) log.info({ answerId, finishReason, ...measures });
  else log.warn({ answerId, finishReason, ...measures, err: failure }, "An answer broke off.");
}
