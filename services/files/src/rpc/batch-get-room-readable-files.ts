import type { MethodImpl } from "@connectrpc/connect";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { roomsNotKnown } from "../errors.ts";
import { toFileMessage } from "../messages.ts";
import { listRoomReadableFiles } from "../store.ts";

export const batchGetRoomReadableFiles =
  (ctx: Context): MethodImpl<typeof FileInternalService.method.batchGetRoomReadableFiles> =>
  async ({ roomId, fileIds }) => {
    if (!ctx.rooms.areKnown()) throw roomsNotKnown();
    const rows = await listRoomReadableFiles(ctx.database.db, fileIds, roomId);
    return { files: rows.map((row) => toFileMessage(row, undefined)) };
  };
