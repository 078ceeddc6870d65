import type { MethodImpl } from "@connectrpc/connect";
import type { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { listPassages } from "../content-store.ts";
import type { Context } from "../context.ts";
import { revisionNotFound } from "../errors.ts";
import { toPassageMessage } from "../messages.ts";
import { findDocument } from "../store.ts";

const batchSize = 256;

export const streamPassages = (ctx: Context): MethodImpl<typeof IngestInternalService.method.streamPassages> =>
  async function* ({ fileId, revision }) {
    const document = await findDocument(ctx.database.db, fileId);
    if (!document?.contentId || BigInt(document.revision) !== revision) throw revisionNotFound();
    for (let first = 0; first < document.passageCount; first += batchSize) {
      const rows = await listPassages(ctx.database.db, document.contentId, first, batchSize);
      yield { passages: rows.map((row) => toPassageMessage(document, row)) };
    }
  };
