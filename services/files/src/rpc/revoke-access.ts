import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { grantNotFound, sharingNotAllowed } from "../errors.ts";
import { mayShare } from "../file.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { takeRight } from "../sharing.ts";
import { lockReadableFile } from "../store.ts";

export const revokeAccess =
  (ctx: Context): MethodImpl<typeof FileService.method.revokeAccess> =>
  async ({ fileId, grantId }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    await ctx.database.transaction(async (tx) => {
      const file = await lockReadableFile(tx, fileId, reader);
      if (!file) throw fileMissing(reader);
      if (!mayShare(file.right)) throw sharingNotAllowed();
      if (!(await takeRight(ctx, tx, file, grantId))) throw grantNotFound();
    });
    return {};
  };
