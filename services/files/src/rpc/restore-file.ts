import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeOwnFile } from "../change-file.ts";
import type { Context } from "../context.ts";
import { restoreFile as restore } from "../life-cycle.ts";
import { toFileMessage } from "../messages.ts";

export const restoreFile =
  (ctx: Context): MethodImpl<typeof FileService.method.restoreFile> =>
  async ({ fileId }, call) => {
    const { userId } = personOf(call);
    const file = await changeOwnFile(ctx, fileId, userId, (tx, current) => restore(ctx, tx, current));
    return { file: toFileMessage(file, userId) };
  };
