import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { fileUpdated } from "@lyceum/gen/events/lyceum/files/v1/file_updated.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { checkName } from "../check-name.ts";
import type { Context } from "../context.ts";
import { editingNotAllowed, fileTrashed, folderNotFound, ownerOnly } from "../errors.ts";
import { mayEdit } from "../file.ts";
import { holdFolder } from "../folder-store.ts";
import { toFileMessage } from "../messages.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { type FileRow, lockReadableFile, updateFileRow } from "../store.ts";

export const updateFile =
  (ctx: Context): MethodImpl<typeof FileService.method.updateFile> =>
  async ({ fileId, name, folderId }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await ctx.database.transaction(async (tx) => {
      const current = await lockReadableFile(tx, fileId, reader);
      if (!current) throw fileMissing(reader);
      if (!mayEdit(current.right)) throw editingNotAllowed();
      if (folderId !== undefined && current.right !== "owner") throw ownerOnly();
      if (current.trashTime) throw fileTrashed();
      return change(ctx, tx, current, {
        name: name === undefined ? current.name : checkName(name),
        folderId: folderId === undefined ? current.folderId : await holdPlace(tx, current.ownerId, folderId),
      });
    });
    return { file: toFileMessage(file, reader.userId) };
  };

async function change(
  ctx: Context,
  tx: Transaction,
  current: FileRow,
  wanted: Pick<FileRow, "name" | "folderId">,
): Promise<FileRow> {
  if (wanted.name === current.name && wanted.folderId === current.folderId) return current;
  const changed = await updateFileRow(tx, current.id, wanted);
  const { id, ownerId, version } = changed;
  await ctx.events.append(tx, fileUpdated({ fileId: id, ownerId, version }));
  return changed;
}

async function holdPlace(tx: Transaction, ownerId: string, folderId: string): Promise<string | null> {
  if (folderId === "") return null;
  const folder = await holdFolder(tx, ownerId, folderId);
  if (!folder) throw folderNotFound();
  return folder.id;
}
