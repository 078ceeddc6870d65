import { type Db, storable } from "@lyceum/database";
import { and, eq, sql } from "drizzle-orm";
import { roomMembers, rooms } from "./schema.ts";

/** One person's place in a room. */
export type MemberChange = {
  readonly userId: string;
  readonly active: boolean;
  /** The room's change number of the change; dense and rising. */
  readonly version: number;
};

/** Applies changes of a room's members, save those that are no newer than what is known of that person. */
export async function applyMembers(tx: Db, roomId: string, changes: readonly MemberChange[]): Promise<void> {
  if ((await lockRoom(tx, roomId)).deleted || changes.length === 0) return;
  const rows = newestOfEach(changes).map((change) => ({ ...change, roomId: storable(roomId) }));
  await tx
    .insert(roomMembers)
    .values(rows)
    .onConflictDoUpdate({
      target: [roomMembers.roomId, roomMembers.userId],
      set: { active: sql`excluded.active`, version: sql`excluded.version` },
      setWhere: sql`excluded.version > ${roomMembers.version}`,
    });
}

/** Removes a room and its members for good; false if it was removed before. */
export async function removeRoom(tx: Db, roomId: string): Promise<boolean> {
  if ((await lockRoom(tx, roomId)).deleted) return false;
  const id = storable(roomId);
  await tx.update(rooms).set({ deleted: true }).where(eq(rooms.id, id));
  await tx.delete(roomMembers).where(eq(roomMembers.roomId, id));
  return true;
}

/** Keeps a room and its members as they are until the transaction ends; whether this person is one of them. */
export async function holdMembership(tx: Db, roomId: string, userId: string): Promise<boolean> {
  const id = storable(roomId);
  // The members are read by a statement of their own: after the wait for the room's row, not before.
  const held = await tx.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, id)).for("share");
  if (held.length === 0) return false;
  const found = await tx
    .select({ userId: roomMembers.userId })
    .from(roomMembers)
    .where(and(eq(roomMembers.roomId, id), eq(roomMembers.userId, userId), roomMembers.active));
  return found.length > 0;
}

async function lockRoom(tx: Db, roomId: string): Promise<{ deleted: boolean }> {
  const id = storable(roomId);
  await tx.insert(rooms).values({ id }).onConflictDoNothing();
  const [room] = await tx.select({ deleted: rooms.deleted }).from(rooms).where(eq(rooms.id, id)).for("update");
  if (!room) throw new Error("A room's row never goes.");
  return room;
}

/** One statement changes a row once. */
function newestOfEach(changes: readonly MemberChange[]): MemberChange[] {
  const newest = new Map<string, MemberChange>();
  for (const change of changes) {
    const userId = storable(change.userId);
    if (change.version > (newest.get(userId)?.version ?? -1)) newest.set(userId, { ...change, userId });
  }
  return [...newest.values()];
}
