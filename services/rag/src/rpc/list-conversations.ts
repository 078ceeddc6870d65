import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf, readTimePage } from "@lyceum/service";
import type { Context } from "../context.ts";
import { type ConversationRow, listConversations as listRows } from "../conversation-store.ts";
import { toConversationMessage } from "../messages.ts";
import type { WarmUp } from "../warm-up.ts";

export const listConversations =
  ({ database }: Context, warmUp: WarmUp): MethodImpl<typeof RagService.method.listConversations> =>
  async (req, call) => {
    warmUp(call);
    const { userId } = personOf(call);
    const { rows, nextPageToken } = await readTimePage(
      req,
      ({ updateTime: time, id }: ConversationRow) => ({ time, id }),
      (page) => listRows(database.db, userId, page),
    );
    return { conversations: rows.map(toConversationMessage), nextPageToken };
  };
