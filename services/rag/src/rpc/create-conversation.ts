import type { MethodImpl } from "@connectrpc/connect";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { newId, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { insertConversation } from "../conversation-store.ts";
import { toConversationMessage } from "../messages.ts";
import type { WarmUp } from "../warm-up.ts";

export const createConversation =
  ({ database }: Context, warmUp: WarmUp): MethodImpl<typeof RagService.method.createConversation> =>
  async ({ title }, call) => {
    warmUp(call);
    const time = new Date();
    const row = {
      id: newId(),
      ownerId: personOf(call).userId,
      title: title.trim(),
      createTime: time,
      updateTime: time,
    };
    await insertConversation(database.db, row);
    return { conversation: toConversationMessage(row) };
  };
