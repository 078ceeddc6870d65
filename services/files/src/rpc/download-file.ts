import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { readFile } from "../content.ts";
import type { Context } from "../context.ts";
import { beyondEnd } from "../errors.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { findReadableFile } from "../store.ts";

export const downloadFile = (ctx: Context): MethodImpl<typeof FileService.method.downloadFile> =>
  async function* ({ fileId, offset, length }, call) {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await findReadableFile(ctx.database.db, fileId, reader);
    if (!file) throw fileMissing(reader);
    if (offset > file.sizeBytes) throw beyondEnd(file.sizeBytes);
    const start = Number(offset);
    // Lengths beyond 2^53 are not exact as numbers, and longer than any file.
    const end = Math.min(file.sizeBytes, length > 0n ? start + Number(length) : Infinity) - 1;
    if (end < start) return;
    for await (const chunk of readFile(ctx.blobs, file, { start, end }, call.signal)) yield { chunk };
  };
