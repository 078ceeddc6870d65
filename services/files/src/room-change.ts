import type { Transaction } from "@lyceum/database";
import type { Context } from "./context.ts";
import { enqueueRoomGrants } from "./jobs/drop-room-grants.ts";
import { applyMembers, type MemberChange, removeRoom } from "./room-store.ts";

/** What chat says of a room, by a call or by an event: the same rule holds for both, in any order and however often. */
export type RoomChange = { readonly roomId: string } & (
  | { readonly deleted: true }
  | { readonly members: readonly MemberChange[] }
);

/** Applies a room's change. Who belonged to a deleted room has lost its files at once; its grants go by a job. */
export async function applyRoomChange(ctx: Pick<Context, "jobs">, tx: Transaction, change: RoomChange): Promise<void> {
  const { roomId } = change;
  if ("members" in change) await applyMembers(tx, roomId, change.members);
  else if (await removeRoom(tx, roomId)) await enqueueRoomGrants(ctx, tx, roomId);
}
