import type { Transaction } from "@lyceum/database";
import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { principalOfRoom } from "../file.ts";
import { lockGrantsOf } from "../grant-store.ts";
import { takeRight } from "../sharing.ts";

const kind = "drop-room-grants";
const batchSize = 100;

/** Has the grants of a deleted room dropped. */
export function enqueueRoomGrants({ jobs }: Pick<Context, "jobs">, tx: Transaction, roomId: string): Promise<void> {
  return jobs.enqueue(tx, { kind, key: roomId, payload: { roomId }, lane: roomId });
}

/** Takes back, one batch after another, every right that a deleted room held. */
export const dropRoomGrants = (ctx: Context): JobKind<{ roomId: string }> => ({
  kind,
  concurrency: 1,
  maxAttempts: 20,
  async run({ payload: { roomId }, signal }) {
    while ((await dropBatch(ctx, principalOfRoom(roomId))) > 0) signal.throwIfAborted();
  },
});

function dropBatch(ctx: Context, principal: string): Promise<number> {
  return ctx.database.transaction(async (tx) => {
    const held = await lockGrantsOf(tx, principal, batchSize);
    for (const { grantId, file } of held) await takeRight(ctx, tx, file, grantId);
    return held.length;
  });
}
