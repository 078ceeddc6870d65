import type { MethodImpl } from "@connectrpc/connect";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { callerOf, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toFileMessage } from "../messages.ts";
import { readerOf } from "../reader.ts";
import { listReadableFiles } from "../store.ts";

export const batchGetReadableFiles =
  (ctx: Context): MethodImpl<typeof FileInternalService.method.batchGetReadableFiles> =>
  async ({ fileIds, includeTrashed }, call) => {
    const caller = callerOf(call);
    const onBehalfOf = caller.kind === "service" ? caller.onBehalfOf : undefined;
    const userId = onBehalfOf ?? personOf(call).userId;
    const rows = await listReadableFiles(ctx.database.db, fileIds, readerOf(ctx, userId), includeTrashed);
    return { files: rows.map((row) => toFileMessage(row, userId)) };
  };
