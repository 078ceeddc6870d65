import type { MethodImpl } from "@connectrpc/connect";
import type { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { findPassages } from "../find-passages.ts";
import { toPassageMessage } from "../messages.ts";

export const batchGetPassages =
  (ctx: Context): MethodImpl<typeof IngestInternalService.method.batchGetPassages> =>
  async ({ passageIds }) => {
    const found = await findPassages(ctx.database.db, passageIds);
    return {
      passages: [...found.values()].map(({ document, passage }) => ({
        fileId: document.fileId,
        passage: toPassageMessage(document, passage),
      })),
    };
  };
