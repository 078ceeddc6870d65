// Written by `npm run generate` from RoomDeleted's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A room and its history are gone; nobody belongs to it any more. */
export type RoomDeleted = {
  /** The room. */
  roomId: string;
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A room and its history are gone; nobody belongs to it any more. Keyed by `roomId`. */
export const roomDeleted = defineEvent<RoomDeleted>({
  fullName: "lyceum.chat.v1.RoomDeleted",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"RoomDeleted\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A room and its history are gone; nobody belongs to it any more.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
