import { messageEdited } from "@lyceum/gen/events/lyceum/chat/v1/message_edited.ts";
import type { JobKind } from "@lyceum/service";
import { changeRoomForService } from "../change-room.ts";
import { withoutFile } from "../citation.ts";
import type { Context } from "../context.ts";
import { findMessage, listCiting, toEntry, updateMessage } from "../message-store.ts";
import type { MessageRow } from "../schema.ts";

export const eraseQuotesKind = "erase-quotes";

/** Erases from the assistant's messages what they say of a purged file, each as an edit that its room is told of. */
export const eraseQuotesJob = (ctx: Context): JobKind<{ fileId: string }> => ({
  kind: eraseQuotesKind,
  concurrency: 1,
  maxAttempts: 20,
  async run({ payload: { fileId }, signal }) {
    for (let last = ""; ; ) {
      const rows = await listCiting(ctx.database.db, fileId, last);
      for (const row of rows) {
        signal.throwIfAborted();
        await eraseQuotes(ctx, row, fileId);
        last = row.id;
      }
      if (rows.length === 0) return;
    }
  },
});

function eraseQuotes(ctx: Context, { roomId, id }: MessageRow, fileId: string): Promise<void> {
  return changeRoomForService(ctx, roomId, async (draft) => {
    const row = await findMessage(draft.tx, roomId, id);
    if (!row?.citations.some((citation) => citation.fileId === fileId && citation.quoteHash)) return;
    const change = draft.number();
    const erased = await updateMessage(draft.tx, id, { ...withoutFile(row, fileId), change });
    draft.note(change, { kind: "messageEdited", entry: await toEntry(draft.tx, erased) });
    draft.publish(messageEdited({ roomId, messageId: id, seq: row.seq, version: change }));
  });
}
