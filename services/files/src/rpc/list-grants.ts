import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileNotFound, sharingNotAllowed } from "../errors.ts";
import { mayShare } from "../file.ts";
import { readListPage } from "../list-page.ts";
import { toGrantMessage } from "../messages.ts";
import { findReadableFile, listGrants as listGrantRows } from "../store.ts";

export const listGrants =
  (ctx: Context): MethodImpl<typeof FileService.method.listGrants> =>
  async (req, call) => {
    const file = await findReadableFile(ctx.database.db, req.fileId, personOf(call).userId);
    if (!file) throw fileNotFound();
    if (!mayShare(file.right)) throw sharingNotAllowed();
    const { rows, nextPageToken } = await readListPage(req, (page) => listGrantRows(ctx.database.db, file.id, page));
    return { grants: rows.map(toGrantMessage), nextPageToken };
  };
