import type { Transaction } from "@lyceum/database";
import { fileUploaded } from "@lyceum/gen/events/lyceum/files/v1/file_uploaded.ts";
import type { Measured } from "./content-meter.ts";
import type { Context } from "./context.ts";
import { holdFolder } from "./folder-store.ts";
import { sniffMediaType } from "./media-type.ts";
import { type FileRow, insertFile } from "./store.ts";

/** Makes a file of a stored blob, with its event, whatever way the bytes came. What it takes is the caller's to count. */
export async function recordFile(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  file: { id: string; ownerId: string; name: string; folderId: string },
  { sizeBytes, sha256, head }: Measured,
): Promise<FileRow> {
  const mediaType = await sniffMediaType(head, head.length === sizeBytes, file.name);
  // A folder that was deleted meanwhile must not cost anyone an upload.
  const folder = file.folderId ? await holdFolder(tx, file.ownerId, file.folderId) : undefined;
  const folderId = folder?.id ?? null;
  const row = await insertFile(tx, { ...file, folderId, mediaType, sizeBytes, sha256, createTime: new Date() });
  const { id: fileId, ownerId, version } = row;
  await ctx.events.append(tx, fileUploaded({ fileId, ownerId, mediaType, sizeBytes, sha256, version }));
  return row;
}
