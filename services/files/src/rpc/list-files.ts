import type { MethodImpl } from "@connectrpc/connect";
import { FileState } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { invalidField, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { findPlace } from "../folders.ts";
import { readListPage } from "../list-page.ts";
import { toFileMessage } from "../messages.ts";
import { readerOf } from "../reader.ts";
import { listOwnFiles, listSharedFiles } from "../store.ts";

export const listFiles =
  (ctx: Context): MethodImpl<typeof FileService.method.listFiles> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const trashed = req.state === FileState.TRASHED;
    if (req.shared && req.folderId !== undefined) throw invalidField("folder_id", "is for the caller's own files");
    // Whoever reads by a grant loses the file when it goes to the trash.
    if (req.shared && trashed) return { files: [] };
    const folderId = await findPlace(ctx.database.db, userId, req.folderId);
    const { rows, nextPageToken } = await readListPage(req, (page) =>
      req.shared
        ? listSharedFiles(ctx.database.db, readerOf(ctx, userId), page)
        : listOwnFiles(ctx.database.db, userId, { ...page, trashed, folderId }),
    );
    return { files: rows.map((row) => toFileMessage(row, userId)), nextPageToken };
  };
