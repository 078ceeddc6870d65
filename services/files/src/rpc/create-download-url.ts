import { durationMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import { writeDownloadToken } from "../content-token.ts";
import { contentUrl } from "../content-url.ts";
import type { Context } from "../context.ts";
import { fileMissing, readerOf } from "../reader.ts";
import { findReadableFile } from "../store.ts";

const defaultLifetimeMs = 5 * 60_000;

export const createDownloadUrl =
  (ctx: Context): MethodImpl<typeof FileService.method.createDownloadUrl> =>
  async ({ fileId, timeToLive }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const file = await findReadableFile(ctx.database.db, fileId, reader);
    if (!file) throw fileMissing(reader);
    const lifetimeMs = timeToLive ? durationMs(timeToLive) : defaultLifetimeMs;
    // Whole seconds, rounded up, so that it lives as long as was asked for.
    const expireTime = new Date(Math.ceil((Date.now() + lifetimeMs) / 1000) * 1000);
    const token = writeDownloadToken(ctx.signer, { fileId: file.id, userId: reader.userId, expireTime });
    return { url: contentUrl(ctx, file.id, token), expireTime: timestampFromDate(expireTime) };
  };
