// Written by `npm run generate` from AnswerFinished's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** An answer ended. */
export type AnswerFinished = {
  /** The answer. */
  answerId: string;
  /** The conversation it belongs to. */
  conversationId: string;
  /** Who asked. */
  userId: string;
  /** Why it ended: the enum value's name. */
  finishReason: string;
  /** The answer's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** An answer ended. Keyed by `answerId`. */
export const answerFinished = defineEvent<AnswerFinished>({
  fullName: "lyceum.rag.v1.AnswerFinished",
  topic: "rag.v1",
  key: "answerId",
  schema: "{\"type\":\"record\",\"name\":\"AnswerFinished\",\"namespace\":\"lyceum.rag.v1\",\"doc\":\"An answer ended.\",\"key\":\"answerId\",\"fields\":[{\"name\":\"answerId\",\"type\":\"string\",\"doc\":\"The answer.\"},{\"name\":\"conversationId\",\"type\":\"string\",\"doc\":\"The conversation it belongs to.\"},{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"Who asked.\"},{\"name\":\"finishReason\",\"type\":\"string\",\"doc\":\"Why it ended: the enum value's name.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The answer's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
