import type { JobKind } from "@lyceum/service";
import { eraseChanges } from "../change-store.ts";
import type { Context } from "../context.ts";
import { eraseSomeMessages } from "../message-store.ts";

export const eraseRoomKind = "erase-room";

/** Erases the history of a room that is gone, a piece at a time. */
export const eraseRoomJob = (ctx: Pick<Context, "database">): JobKind<{ roomId: string }> => ({
  kind: eraseRoomKind,
  concurrency: 1,
  maxAttempts: 20,
  async run({ payload: { roomId }, signal }) {
    while (await eraseSomeMessages(ctx.database.db, roomId)) signal.throwIfAborted();
    await eraseChanges(ctx.database.db, roomId);
  },
});
