import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { listFolders as listFolderRows } from "../folder-store.ts";
import { findPlace } from "../folders.ts";
import { readListPage } from "../list-page.ts";
import { toFolderMessage } from "../messages.ts";

export const listFolders =
  (ctx: Context): MethodImpl<typeof FileService.method.listFolders> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { db } = ctx.database;
    const parentId = await findPlace(db, userId, req.parentId);
    const { rows, nextPageToken } = await readListPage(req, (page) =>
      listFolderRows(db, userId, { ...page, parentId }),
    );
    return { folders: rows.map(toFolderMessage), nextPageToken };
  };
