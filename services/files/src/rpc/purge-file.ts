import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeOwnFile } from "../change-file.ts";
import type { Context } from "../context.ts";
import { purgeFile as purge } from "../life-cycle.ts";

export const purgeFile =
  (ctx: Context): MethodImpl<typeof FileService.method.purgeFile> =>
  async ({ fileId }, call) => {
    await changeOwnFile(ctx, fileId, personOf(call).userId, (tx, file) => purge(ctx, tx, file));
    return {};
  };
