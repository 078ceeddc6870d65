import { Code, ConnectError } from "@connectrpc/connect";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { Job, JobKind } from "@lyceum/service";
import { type AnsweringContext, endAbandoned, type RunningAnswer } from "../answer-runner.ts";
import { findAnswer, requestStop } from "../answer-store.ts";
import { type AskedQuestion, assistKind } from "../assistant/asked-question.ts";
import { growInSteps } from "../assistant/grow-in-steps.ts";
import { findQuestion, toTurns } from "../assistant/question.ts";
import { openVoice, type Said, unlessGone, type Voice } from "../assistant/voice.ts";
import { listMembers, readFor } from "../reader.ts";

const maxAttempts = 5;
const stepTimeoutMs = 10_000;
/** As much as Ask takes. */
const maxCharacters = 4_000;
const growEveryMs = 100;
const lookEveryMs = 2_000;
/** A question that cannot be answered by then is not answered for that reason. */
const patienceMs = 60_000;

/**
 * Answers a question put to the assistant: in the room, from what every member may read, or to the asker alone, from what is
 * theirs. Tried again, it says the same answer once more if it had ended, or begins it anew, in the message there is.
 */
export const createAssistJob = (ctx: AnsweringContext): JobKind<AskedQuestion> => ({
  kind: assistKind,
  concurrency: 8,
  maxAttempts,
  run: (job) => assist(ctx, job),
  onDead: ({ answerId, askerId }, _, tx) => requestStop(tx, answerId, askerId),
});

type Asking = { readonly question: AskedQuestion; readonly signal: AbortSignal };

async function assist(ctx: AnsweringContext, job: Job<AskedQuestion>): Promise<void> {
  const { payload: question, signal } = job;
  const asking: Asking = { question, signal };
  const asked = await readQuestion(ctx, asking);
  if (!asked || !(await isMember(ctx, asking))) return fallSilent(ctx, asking);
  const mayWait = job.attempt < maxAttempts && Date.now() - asked.timeMs < patienceMs;
  const answer = await beginAnswer(ctx, asking, asked, mayWait);
  const voice = await openVoice(ctx, question, signal);
  if (!voice) return fallSilent(ctx, asking);
  await voice.finish(await speak(ctx, asking, answer, voice));
}

/** The question with what was said before it; undefined if it was deleted, or its room. */
async function readQuestion({ clients }: AnsweringContext, { question: { roomId, questionId }, signal }: Asking) {
  const options = await clients.asService("chat", { signal, timeoutMs: stepTimeoutMs });
  const asked = { roomId, messageId: questionId };
  const answer = await unlessGone(clients.of(ChatInternalService).readQuestion(asked, options));
  const text = answer?.message && findQuestion(answer.message.text);
  if (!answer?.message || text === undefined) return undefined;
  const { createTime } = answer.message;
  return {
    text: text.slice(0, maxCharacters),
    turns: toTurns(answer.history),
    timeMs: Number(createTime?.seconds ?? 0) * 1_000,
  };
}

async function isMember({ clients }: AnsweringContext, { question: { roomId, askerId }, signal }: Asking) {
  return (await listMembers(clients, roomId, { signal })).includes(askerId);
}

/** Has the answer begin; undefined if it cannot be had. What may pass is thrown while there is time for another try. */
async function beginAnswer(
  ctx: AnsweringContext,
  { question: { roomId, askerId, isPrivate, answerId }, signal }: Asking,
  { text, turns }: { text: string; turns: ReturnType<typeof toTurns> },
  mayWait: boolean,
): Promise<RunningAnswer | undefined> {
  try {
    const reader = await readFor(ctx, { userId: askerId, signal }, isPrivate ? "" : roomId);
    return await ctx.answers.begin(reader, { userId: askerId, question: text, fileIds: [], turns, answerId });
  } catch (error) {
    const { code } = ConnectError.from(error);
    const mayPass = [Code.Unavailable, Code.DeadlineExceeded, Code.ResourceExhausted, Code.Aborted].includes(code);
    if (signal.aborted || (mayPass && mayWait)) throw error;
    ctx.log.warn({ err: error, answerId }, "A question to the assistant cannot be answered.");
    return undefined;
  }
}

/** Shows the answer as it grows; answers what it came to. It ends early once its asker leaves the room, or the room is gone. */
async function speak(
  ctx: AnsweringContext,
  asking: Asking,
  answer: RunningAnswer | undefined,
  voice: Voice,
): Promise<Said> {
  const said: Said = { text: "", citations: [], reason: FinishReason.ERROR };
  if (!answer) return said;
  const growth = growInSteps((offset, delta) => voice.grow(offset, delta), growEveryMs);
  const look = setInterval(async () => {
    const isThere = await isMember(ctx, asking).catch(() => true);
    if (!isThere) await stop(ctx, asking).catch(() => {});
  }, lookEveryMs).unref();
  try {
    for await (const { event } of answer.pieces(asking.signal)) {
      if (event?.case === "citation") said.citations.push(event.value);
      if (event?.case === "done") said.reason = event.value.finishReason ?? FinishReason.ERROR;
      if (event?.case !== "delta") continue;
      said.text += event.value.text;
      growth.add(event.value.text ?? "");
    }
  } catch (error) {
    // What breaks an answer off is logged where it runs; what it said stays.
    if (asking.signal.aborted) {
      await ctx.answers.letGo(asking.question.answerId);
      throw error;
    }
  } finally {
    clearInterval(look);
    await growth.end();
  }
  return said;
}

/** Ends an answer that nobody is to hear any more, and a message that an earlier try has begun. */
async function fallSilent(ctx: AnsweringContext, asking: Asking): Promise<void> {
  const { question, signal } = asking;
  const begun = await findAnswer(ctx.database.db, question.answerId, question.askerId);
  if (!begun) return;
  await stop(ctx, asking);
  const voice = question.isPrivate ? undefined : await openVoice(ctx, question, signal);
  await voice?.finish({ text: "", citations: [], reason: FinishReason.STOPPED });
}

async function stop(ctx: AnsweringContext, { question: { answerId, askerId } }: Asking): Promise<void> {
  await requestStop(ctx.database.db, answerId, askerId);
  await ctx.answers.callToEnd(answerId);
  await endAbandoned(ctx);
}
