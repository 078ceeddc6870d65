import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { sharingNotAllowed } from "../errors.ts";
import { mayShare } from "../file.ts";
import { listGrants as listGrantRows } from "../grant-store.ts";
import { readListPage } from "../list-page.ts";
import { toGrantMessage } from "../messages.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { findReadableFile } from "../store.ts";

export const listGrants =
  (ctx: Context): MethodImpl<typeof FileService.method.listGrants> =>
  async (req, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await findReadableFile(ctx.database.db, req.fileId, reader);
    if (!file) throw fileMissing(reader);
    if (!mayShare(file.right)) throw sharingNotAllowed();
    const { rows, nextPageToken } = await readListPage(req, (page) => listGrantRows(ctx.database.db, file.id, page));
    return { grants: rows.map((row) => toGrantMessage(ctx, row)), nextPageToken };
  };
