import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import type { Context } from "../context.ts";
import { toPassageMessage } from "../messages.ts";
import { readerOf } from "../reader.ts";
import { retrieve } from "../retrieve.ts";

export const search =
  (ctx: Context): MethodImpl<typeof RagService.method.search> =>
  async ({ query, fileIds, roomId, limit }, call) => {
    const reader = await readerOf(ctx, call, roomId);
    const { passages } = await retrieve(ctx, reader, { query, fileIds, limit: limit || 10 });
    return { passages: passages.map(toPassageMessage) };
  };
