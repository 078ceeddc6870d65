import { type EventHandler, projection } from "@lyceum/events";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import type { Context } from "../context.ts";
import { applyRoomChange } from "../room-change.ts";

/** Projection: who belongs to a room may read what is granted to it. Chat has usually said so by a call before. */
export const onRoomMemberAdded = (ctx: Pick<Context, "jobs">): EventHandler =>
  projection(roomMemberAdded, ({ data: { roomId, userId, version } }, tx) =>
    applyRoomChange(ctx, tx, { roomId, members: [{ userId, active: true, version }] }),
  );
