import { type EventHandler, reaction } from "@lyceum/events";
import { assistantAsked } from "@lyceum/gen/events/lyceum/chat/v1/assistant_asked.ts";
import { type AskedQuestion, assistKind } from "../assistant/asked-question.ts";
import { toAnswerId } from "../assistant/question.ts";
import type { Context } from "../context.ts";

/** Reaction: a question put to the assistant is answered by a job. */
export const onAssistantAsked = ({ jobs }: Pick<Context, "jobs">): EventHandler =>
  reaction(assistantAsked, async ({ data }, tx) => {
    const { roomId, messageId: questionId, askerId, private: isPrivate } = data;
    const payload: AskedQuestion = { roomId, questionId, askerId, isPrivate, answerId: toAnswerId(questionId) };
    await jobs.enqueue(tx, { kind: assistKind, key: questionId, payload, lane: askerId });
  });
