import type { MethodImpl } from "@connectrpc/connect";
import type { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import type { Context } from "../context.ts";
import { toDocumentMessage } from "../messages.ts";
import { getReadable } from "../readable.ts";

export const getDocument =
  (ctx: Context): MethodImpl<typeof IngestService.method.getDocument> =>
  async ({ fileId }, call) => ({ document: toDocumentMessage(await getReadable(ctx, call, fileId)) });
