import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound } from "../errors.ts";
import { deleteReaction, findMessage, toEntry, updateMessage } from "../message-store.ts";

export const removeReaction =
  (ctx: Context): MethodImpl<typeof ChatService.method.removeReaction> =>
  async ({ roomId, messageId, emoji }, call) => {
    const { userId } = personOf(call);
    const entry = await changeRoom(ctx, roomId, userId, async (draft) => {
      const { tx, room } = draft;
      const row = await findMessage(tx, room.id, messageId);
      if (!row || row.deleteTime) throw messageNotFound();
      if (!(await deleteReaction(tx, { messageId: row.id, emoji, userId }))) return toEntry(tx, row);
      const change = draft.number();
      draft.note(change, { kind: "reaction", messageId: row.id, userId, emoji, removed: true });
      return toEntry(tx, await updateMessage(tx, row.id, { change }));
    });
    return { message: toMessage(entry, userId) };
  };
