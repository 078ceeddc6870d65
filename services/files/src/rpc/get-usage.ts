import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toUsageMessage } from "../messages.ts";
import { findUsage } from "../usage-store.ts";

export const getUsage =
  (ctx: Context): MethodImpl<typeof FileService.method.getUsage> =>
  async (_req, call) => ({
    usage: toUsageMessage(await findUsage(ctx.database.db, personOf(call).userId), ctx.quotaBytes),
  });
