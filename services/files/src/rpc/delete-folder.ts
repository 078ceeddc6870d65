import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { folderNotFound } from "../errors.ts";
import { findFolder, listDescendants, lockFolders, markDeleted } from "../folder-store.ts";
import { emptyFolder, enqueueEmptying } from "../jobs/empty-folder.ts";

export const deleteFolder =
  (ctx: Context): MethodImpl<typeof FileService.method.deleteFolder> =>
  async ({ folderId }, call) => {
    const { userId: ownerId } = personOf(call);
    await ctx.database.transaction(async (tx) => {
      await lockFolders(tx, ownerId);
      const folder = await findFolder(tx, ownerId, folderId);
      if (!folder) throw folderNotFound();
      const within = await listDescendants(tx, folder.id);
      await markDeleted(
        tx,
        within.map(({ id }) => id),
      );
      await enqueueEmptying(ctx, tx, { folderId, ownerId });
    });
    // The caller's next call finds the files in the trash; should this one break off, the job goes on.
    await emptyFolder(ctx, folderId, call.signal);
    return {};
  };
