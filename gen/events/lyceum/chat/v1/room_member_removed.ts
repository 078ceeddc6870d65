// Written by `npm run generate` from RoomMemberRemoved's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A person no longer belongs to a room. */
export type RoomMemberRemoved = {
  /** The room. */
  roomId: string;
  /** Who. */
  userId: string;
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A person no longer belongs to a room. Keyed by `roomId`. */
export const roomMemberRemoved = defineEvent<RoomMemberRemoved>({
  fullName: "lyceum.chat.v1.RoomMemberRemoved",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"RoomMemberRemoved\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A person no longer belongs to a room.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"Who.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
