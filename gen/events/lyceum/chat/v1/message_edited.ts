// Written by `npm run generate` from MessageEdited's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A message has another text. */
export type MessageEdited = {
  /** The room. */
  roomId: string;
  /** The message. */
  messageId: string;
  /** Its place in the room. */
  seq: number;
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A message has another text. Keyed by `roomId`. */
export const messageEdited = defineEvent<MessageEdited>({
  fullName: "lyceum.chat.v1.MessageEdited",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"MessageEdited\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A message has another text.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"messageId\",\"type\":\"string\",\"doc\":\"The message.\"},{\"name\":\"seq\",\"type\":\"long\",\"doc\":\"Its place in the room.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
