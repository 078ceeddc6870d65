// Written by `npm run generate` from MessageSent's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A message was sent to a room. */
export type MessageSent = {
  /** The room. */
  roomId: string;
  /** The message. */
  messageId: string;
  /** Its place in the room. */
  seq: number;
  /** Who sent it: an account's id, or `assistant`. */
  senderId: string;
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A message was sent to a room. Keyed by `roomId`. */
export const messageSent = defineEvent<MessageSent>({
  fullName: "lyceum.chat.v1.MessageSent",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"MessageSent\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A message was sent to a room.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"messageId\",\"type\":\"string\",\"doc\":\"The message.\"},{\"name\":\"seq\",\"type\":\"long\",\"doc\":\"Its place in the room.\"},{\"name\":\"senderId\",\"type\":\"string\",\"doc\":\"Who sent it: an account's id, or `assistant`.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
