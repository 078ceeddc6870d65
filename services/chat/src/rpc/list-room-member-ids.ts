import type { MethodImpl } from "@connectrpc/connect";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { roomNotFound } from "../errors.ts";
import { listMembers } from "../room-store.ts";

export const listRoomMemberIds =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.listRoomMemberIds> =>
  async ({ roomId }) => {
    // A room that is there has members, and one that is gone has none.
    const rows = await listMembers(ctx.database.db, roomId);
    if (rows.length === 0) throw roomNotFound();
    return { userIds: rows.map(({ userId }) => userId) };
  };
