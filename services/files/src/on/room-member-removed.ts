import { type EventHandler, projection } from "@lyceum/events";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import type { Context } from "../context.ts";
import { applyRoomChange } from "../room-change.ts";

/** Projection: who no longer belongs to a room has lost what was granted to it. */
export const onRoomMemberRemoved = (ctx: Pick<Context, "jobs">): EventHandler =>
  projection(roomMemberRemoved, ({ data: { roomId, userId, version } }, tx) =>
    applyRoomChange(ctx, tx, { roomId, members: [{ userId, active: false, version }] }),
  );
