import { type EventHandler, projection } from "@lyceum/events";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import { deleteRoom, putRoomMember } from "../scope-store.ts";

/** Projections: who belongs to which room, so that a search begins with what is shared with its caller's rooms, too. */
export const onRoomChanged = (): EventHandler[] => [
  projection(roomMemberAdded, ({ data: { roomId, userId, version } }, tx) =>
    putRoomMember(tx, { roomId, userId, active: true, version }),
  ),
  projection(roomMemberRemoved, ({ data: { roomId, userId, version } }, tx) =>
    putRoomMember(tx, { roomId, userId, active: false, version }),
  ),
  projection(roomDeleted, ({ data: { roomId } }, tx) => deleteRoom(tx, roomId)),
];
