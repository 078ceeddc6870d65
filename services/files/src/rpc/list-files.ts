import type { MethodImpl } from "@connectrpc/connect";
import { FileState } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { readListPage } from "../list-page.ts";
import { toFileMessage } from "../messages.ts";
import { readerOf } from "../reader.ts";
import { listOwnFiles, listSharedFiles } from "../store.ts";

export const listFiles =
  (ctx: Context): MethodImpl<typeof FileService.method.listFiles> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const trashed = req.state === FileState.TRASHED;
    // Whoever reads by a grant loses the file when it goes to the trash.
    if (req.shared && trashed) return { files: [] };
    const { rows, nextPageToken } = await readListPage(req, (page) =>
      req.shared
        ? listSharedFiles(ctx.database.db, readerOf(ctx, userId), page)
        : listOwnFiles(ctx.database.db, userId, { ...page, trashed }),
    );
    return { files: rows.map(toFileMessage), nextPageToken };
  };
