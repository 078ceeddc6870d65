import type { MethodImpl } from "@connectrpc/connect";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ownerOnly } from "../errors.ts";
import { toFileMessage } from "../messages.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { lockReadableFile, trashFile } from "../store.ts";

export const deleteFile =
  (ctx: Context): MethodImpl<typeof FileService.method.deleteFile> =>
  async ({ fileId }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await ctx.database.transaction(async (tx) => {
      const current = await lockReadableFile(tx, fileId, reader);
      if (!current) throw fileMissing(reader);
      if (current.right !== "owner") throw ownerOnly();
      if (current.trashTime) return current;
      const trashed = await trashFile(tx, current.id, new Date());
      const { ownerId, version } = trashed;
      await ctx.events.append(tx, fileDeleted({ fileId: trashed.id, ownerId, version }));
      return trashed;
    });
    return { file: toFileMessage(file) };
  };
