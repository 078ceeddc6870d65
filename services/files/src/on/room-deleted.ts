import { type EventHandler, projection } from "@lyceum/events";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import type { Context } from "../context.ts";
import { applyRoomChange } from "../room-change.ts";

/** Projection: a deleted room has no members, and its grants go. */
export const onRoomDeleted = (ctx: Pick<Context, "jobs">): EventHandler =>
  projection(roomDeleted, ({ data: { roomId } }, tx) => applyRoomChange(ctx, tx, { roomId, deleted: true }));
