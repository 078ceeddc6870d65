import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toFileMessage } from "../messages.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { findReadableFile } from "../store.ts";

export const getFile =
  (ctx: Context): MethodImpl<typeof FileService.method.getFile> =>
  async ({ fileId }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await findReadableFile(ctx.database.db, fileId, reader);
    if (!file) throw fileMissing(reader);
    return { file: toFileMessage(file, reader.userId) };
  };
