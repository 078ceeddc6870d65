import type { MethodImpl } from "@connectrpc/connect";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { applyRoomChange } from "../room-change.ts";

export const applyRoomMembers =
  (ctx: Context): MethodImpl<typeof FileInternalService.method.applyRoomMembers> =>
  async ({ roomId, changes, deleted }) => {
    const members = changes.map(({ userId, member, version }) => ({
      userId,
      active: member,
      version: Number(version),
    }));
    await ctx.database.transaction((tx) =>
      applyRoomChange(ctx, tx, deleted ? { roomId, deleted } : { roomId, members }),
    );
    return {};
  };
