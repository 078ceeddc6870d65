import { create } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import { type ChatService, ReadMarkedSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { roomNotFound } from "../errors.ts";
import { isSmall, raiseReadSeq } from "../room-store.ts";

export const markRead =
  (ctx: Context): MethodImpl<typeof ChatService.method.markRead> =>
  async ({ roomId, seq }, call) => {
    const { userId } = personOf(call);
    const marked = await raiseReadSeq(ctx.database.db, roomId, userId, seq);
    if (!marked) throw roomNotFound();
    const value = create(ReadMarkedSchema, { roomId, userId, seq: BigInt(marked.seq) });
    // In a crowd only the person's other devices hear of it: everybody's reading would be everybody's news.
    const audience = isSmall(marked) ? { roomId } : { userIds: [userId] };
    if (marked.moved) ctx.live.tell(audience, { case: "read", value });
    return { seq: value.seq };
  };
