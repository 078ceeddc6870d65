import type { MethodImpl } from "@connectrpc/connect";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom, type Draft } from "../change-room.ts";
import type { Context } from "../context.ts";
import { ownerOnly } from "../errors.ts";
import { applyMembersNow } from "../jobs/apply-members.ts";
import { eraseRoomKind } from "../jobs/erase-room.ts";
import { removeAllMembers } from "../room-store.ts";

export const deleteRoom =
  (ctx: Context): MethodImpl<typeof ChatService.method.deleteRoom> =>
  async ({ roomId }, call) => {
    await changeRoom(ctx, roomId, personOf(call).userId, async (draft, { role }) => {
      // The two people of a direct room are equals in this.
      if (draft.room.kind !== RoomKind.DIRECT && role !== MemberRole.OWNER) throw ownerOnly();
      await endRoom(ctx, draft);
    });
    await applyMembersNow(ctx, roomId, call.signal);
    return {};
  };

/** Ends a room for all who belong to it; its history is erased by a job. */
export async function endRoom(ctx: Context, draft: Draft): Promise<void> {
  const { tx, now, room } = draft;
  const change = draft.number();
  await removeAllMembers(tx, room.id, change, now);
  draft.set({ deleteTime: now, title: "", memberCount: 0 });
  draft.note(change, { kind: "roomDeleted" });
  draft.publish(roomDeleted({ roomId: room.id, version: change }));
  await ctx.jobs.enqueue(tx, { kind: eraseRoomKind, key: room.id, lane: room.id, payload: { roomId: room.id } });
}
