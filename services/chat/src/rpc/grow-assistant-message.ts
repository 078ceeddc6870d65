import { create } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import type { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { AnswerGrownSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import type { Context } from "../context.ts";
import { cutText } from "../cut-text.ts";

/** In UTF-16 units, of at most three bytes each: what a signal takes, with room for its head. */
const maxUnits = 1_500;

export const growAssistantMessage =
  (ctx: Context): MethodImpl<typeof ChatInternalService.method.growAssistantMessage> =>
  async ({ roomId, messageId, answerId, offset, delta, onlyUserId, done }) => {
    const audience = onlyUserId ? { userIds: [onlyUserId] } : { roomId };
    const pieces = cutText(delta, maxUnits);
    let from = offset;
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      const value = create(AnswerGrownSchema, {
        roomId,
        messageId,
        answerId,
        offset: from,
        delta: piece,
        done: done && isLast,
      });
      ctx.live.tell(audience, { case: "answer", value });
      from += piece.length;
    }
    return {};
  };
