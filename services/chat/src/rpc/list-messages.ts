import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf, readPage } from "@lyceum/service";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { roomNotFound } from "../errors.ts";
import { listMessages as listMessageRows, toEntries } from "../message-store.ts";
import { showSources } from "../quotes.ts";
import { findRoom } from "../room-store.ts";

export const listMessages =
  (ctx: Context): MethodImpl<typeof ChatService.method.listMessages> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { limit } = readPage({ pageSize: req.pageSize, pageToken: "" });
    const found = await findRoom(ctx.database.db, req.roomId, userId);
    if (!found) throw roomNotFound();
    const rows = await listMessageRows(ctx.database.db, found.room.id, {
      afterSeq: req.afterSeq === undefined ? undefined : toSeq(req.afterSeq),
      beforeSeq: toSeq(req.beforeSeq),
      limit: limit + 1,
    });
    // One more than asked for was read, at the end that the page goes on from.
    const hasMore = rows.length > limit;
    const shown = hasMore ? (req.afterSeq !== undefined ? rows.slice(0, limit) : rows.slice(1)) : rows;
    const entries = await showSources(ctx, await toEntries(ctx.database.db, shown), call);
    return { messages: entries.map((entry) => toMessage(entry, userId)), hasMore };
  };

/** No room comes so far that a number does not hold it. */
function toSeq(seq: bigint): number {
  return Math.min(Number(seq), Number.MAX_SAFE_INTEGER);
}
