// Written by `npm run generate` from AssistantAsked's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A message asks the assistant for an answer. */
export type AssistantAsked = {
  /** The room. */
  roomId: string;
  /** The question's message. */
  messageId: string;
  /** Who asks. */
  askerId: string;
  /** True if only the asker is to see the answer. */
  private: boolean;
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A message asks the assistant for an answer. Keyed by `roomId`. */
export const assistantAsked = defineEvent<AssistantAsked>({
  fullName: "lyceum.chat.v1.AssistantAsked",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"AssistantAsked\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A message asks the assistant for an answer.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"messageId\",\"type\":\"string\",\"doc\":\"The question's message.\"},{\"name\":\"askerId\",\"type\":\"string\",\"doc\":\"Who asks.\"},{\"name\":\"private\",\"type\":\"boolean\",\"doc\":\"True if only the asker is to see the answer.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
