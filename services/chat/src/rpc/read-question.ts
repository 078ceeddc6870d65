import type { MethodImpl } from "@connectrpc/connect";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound } from "../errors.ts";
import { findMessage, listSaidBefore } from "../message-store.ts";

const historySize = 20;

export const readQuestion =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.readQuestion> =>
  async ({ roomId, messageId }) => {
    const { db } = ctx.database;
    const row = await findMessage(db, roomId, messageId);
    if (!row || row.deleteTime) throw messageNotFound();
    const history = await listSaidBefore(db, row.roomId, row.seq, historySize);
    const show = (said: typeof row) => toMessage({ row: said, reactions: [] }, "");
    return { message: show(row), history: history.map(show) };
  };
