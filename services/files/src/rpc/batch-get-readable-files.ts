import type { MethodImpl } from "@connectrpc/connect";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toFileMessage } from "../messages.ts";
import { listReadableFiles } from "../store.ts";

export const batchGetReadableFiles =
  (ctx: Context): MethodImpl<typeof FileInternalService.method.batchGetReadableFiles> =>
  async ({ fileIds, includeTrashed }, call) => {
    const rows = await listReadableFiles(ctx.database.db, fileIds, personOf(call).userId, includeTrashed);
    return { files: rows.map(toFileMessage) };
  };
