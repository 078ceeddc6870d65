import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { toMessage } from "../entry.ts";
import { messageNotFound, tooManyReactions } from "../errors.ts";
import { readEmoji } from "../message.ts";
import { findMessage, insertReaction, toEntry, updateMessage } from "../message-store.ts";

const maxEmojis = 50;

export const addReaction =
  (ctx: Context): MethodImpl<typeof ChatService.method.addReaction> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const emoji = readEmoji(req.emoji);
    const entry = await changeRoom(ctx, req.roomId, userId, async (draft) => {
      const { tx, room } = draft;
      const row = await findMessage(tx, room.id, req.messageId);
      if (!row || row.deleteTime) throw messageNotFound();
      const before = await toEntry(tx, row);
      if (before.reactions.some((reaction) => reaction.emoji === emoji && reaction.userId === userId)) return before;
      const emojis = new Set(before.reactions.map((reaction) => reaction.emoji));
      if (emojis.add(emoji).size > maxEmojis) throw tooManyReactions(maxEmojis);
      const change = draft.number();
      await insertReaction(tx, { messageId: row.id, emoji, userId, change });
      draft.note(change, { kind: "reaction", messageId: row.id, userId, emoji, removed: false });
      return toEntry(tx, await updateMessage(tx, row.id, { change }));
    });
    return { message: toMessage(entry, userId) };
  };
