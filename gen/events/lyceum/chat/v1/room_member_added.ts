// Written by `npm run generate` from RoomMemberAdded's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A person belongs to a room from now on, or has another role in it. */
export type RoomMemberAdded = {
  /** The room. */
  roomId: string;
  /** Who. */
  userId: string;
  /** Their role. */
  role: "UNSPECIFIED" | "MEMBER" | "OWNER";
  /** The room's change number, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A person belongs to a room from now on, or has another role in it. Keyed by `roomId`. */
export const roomMemberAdded = defineEvent<RoomMemberAdded>({
  fullName: "lyceum.chat.v1.RoomMemberAdded",
  topic: "chat.v1",
  key: "roomId",
  schema: "{\"type\":\"record\",\"name\":\"RoomMemberAdded\",\"namespace\":\"lyceum.chat.v1\",\"doc\":\"A person belongs to a room from now on, or has another role in it.\",\"key\":\"roomId\",\"fields\":[{\"name\":\"roomId\",\"type\":\"string\",\"doc\":\"The room.\"},{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"Who.\"},{\"name\":\"role\",\"type\":{\"type\":\"enum\",\"name\":\"RoomRole\",\"doc\":\"What a member may do.\",\"symbols\":[\"UNSPECIFIED\",\"MEMBER\",\"OWNER\"],\"default\":\"UNSPECIFIED\"},\"doc\":\"Their role.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The room's change number, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
