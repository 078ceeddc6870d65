import type { MethodImpl } from "@connectrpc/connect";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { readFile } from "../content.ts";
import type { Context } from "../context.ts";
import { fileNotFound } from "../errors.ts";
import { findFile } from "../store.ts";

export const readContent = (ctx: Context): MethodImpl<typeof FileInternalService.method.readContent> =>
  async function* ({ fileId }, call) {
    const file = await findFile(ctx.database.db, fileId);
    if (!file) throw fileNotFound();
    for await (const chunk of readFile(ctx.blobs, file, undefined, call.signal)) yield { chunk };
  };
