import { answerFinished } from "@lyceum/gen/events/lyceum/rag/v1/answer_finished.ts";
import { FinishReason, FinishReasonSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import {
  type CitationRow,
  finishAnswer,
  growAnswer,
  hasConversation,
  insertAnswer,
  insertConversation,
  listUnfinished,
} from "./answer-store.ts";
import { type AnswerPart, toTitle } from "./answering/answer.ts";
import type { Context } from "./context.ts";
import { conversationNotFound } from "./errors.ts";

/** Stores an answer as it streams, so that what was said survives whatever breaks it off. */
export type AnswerWriter = {
  readonly answerId: string;
  readonly conversationId: string;
  say(parts: readonly AnswerPart[], citation?: Omit<CitationRow, "answerId">): Promise<void>;
  /** Only the first end counts. */
  finish(reason: FinishReason): Promise<void>;
};

type Store = Pick<Context, "database" | "events">;

/** Throws `not_found` unless the conversation is this person's; an empty id stands for a new one. */
export async function checkConversation({ database }: Store, conversationId: string, userId: string): Promise<void> {
  if (conversationId && !(await hasConversation(database.db, conversationId, userId))) throw conversationNotFound();
}

/** Begins an answer in a checked conversation, or in a new one. */
export async function beginAnswer(
  { database, events }: Store,
  { userId, conversationId, question }: { userId: string; conversationId: string; question: string },
): Promise<AnswerWriter> {
  const answerId = newId();
  const conversation = conversationId || newId();
  const createTime = new Date();
  const row = { id: answerId, conversationId: conversation, ownerId: userId, question, parts: [], createTime };
  await database.transaction(async (tx) => {
    if (!conversationId) {
      await insertConversation(tx, { id: conversation, ownerId: userId, title: toTitle(question), createTime });
    }
    await insertAnswer(tx, { ...row, finishReason: FinishReason.UNSPECIFIED });
  });
  const said: AnswerPart[] = [];
  return {
    answerId,
    conversationId: conversation,
    async say(parts, citation) {
      said.push(...parts);
      await database.transaction((tx) => growAnswer(tx, answerId, said, citation && { ...citation, answerId }));
    },
    finish: (reason) => finish({ database, events }, answerId, reason),
  };
}

/** Answers that a process left unfinished when it ended: nobody writes them any more. */
const abandonedAfterMs = 10 * 60_000;

/** Ends what earlier processes began and cannot go on with; what was said is kept. */
export async function finishAbandoned({ database, events }: Store): Promise<void> {
  const ids = await listUnfinished(database.db, new Date(Date.now() - abandonedAfterMs));
  for (const answerId of ids) await finish({ database, events }, answerId, FinishReason.STOPPED);
}

async function finish({ database, events }: Store, answerId: string, reason: FinishReason): Promise<void> {
  await database.transaction(async (tx) => {
    const ended = await finishAnswer(tx, answerId, reason);
    if (!ended) return;
    const { conversationId, ownerId, version } = ended;
    const finishReason = FinishReasonSchema.value[reason]?.name ?? "";
    await events.append(tx, answerFinished({ answerId, conversationId, userId: ownerId, finishReason, version }));
  });
}
