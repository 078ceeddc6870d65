import { create } from "@bufbuild/protobuf";
import type { Database } from "@lyceum/database";
import { MembershipChangedSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { listChangesFor } from "../change-store.ts";
import { listDepartures, listNewsFor, readOutlook } from "../feed-store.ts";
import { type FeedIdentity, readCursor, writeCursor } from "./cursor.ts";
import { createChangeFrame, createFrame } from "./frame.ts";
import type { Subscription } from "./subscription.ts";

/** Why a cursor cannot be resumed from. */
export type ResetReason = "FOREIGN" | "DAMAGED" | "FUTURE" | "EXPIRED";

const pageSize = 200;

/**
 * Tells a person what they missed since a cursor, until their subscription is live. Answers why, where the cursor cannot be
 * resumed from; then nothing was told.
 */
export async function catchUp(
  database: Database,
  feed: FeedIdentity,
  { userId, cursor, subscription }: { userId: string; cursor: string; subscription: Subscription },
): Promise<ResetReason | undefined> {
  const reading = readCursor(feed, cursor);
  if ("reason" in reading) return reading.reason;
  const outlook = await readOutlook(database.db);
  if (reading.horizon > outlook.end) return "FUTURE";
  if (reading.horizon < outlook.floor) return "EXPIRED";
  const replayed = new Map<string, number>();
  let since = reading.horizon;
  for (let { horizon } = outlook; ; { horizon } = await readOutlook(database.db)) {
    await replaySince(database, { userId, since, cursor: writeCursor(feed, since), subscription, replayed });
    if (subscription.release(replayed)) return undefined;
    // More happened meanwhile than was kept back: all up to the horizon that was read before has been told.
    subscription.hold();
    since = horizon;
  }
}

type Replay = {
  readonly userId: string;
  readonly since: number;
  readonly cursor: string;
  readonly subscription: Subscription;
  /** Room by room, the last change that was told. */
  readonly replayed: Map<string, number>;
};

async function replaySince({ db }: Database, { userId, since, cursor, subscription, replayed }: Replay): Promise<void> {
  for (const { roomId, change, role } of await listDepartures(db, userId, since)) {
    const value = create(MembershipChangedSchema, { roomId, change: BigInt(change), userId, role, removed: true });
    if (!(await subscription.replay(createFrame(cursor, { case: "membership", value }, { roomId, change })))) return;
    replayed.set(roomId, change);
  }
  for (const { roomId, after } of await listNewsFor(db, userId, since)) {
    let from = Math.max(after, replayed.get(roomId) ?? 0);
    for (let hasMore = true; hasMore; ) {
      const page = await listChangesFor(db, { roomId, after: from, limit: pageSize }, userId);
      for (const change of page.changes) {
        if (!(await subscription.replay(createChangeFrame(cursor, change, userId)))) return;
      }
      from = page.through;
      hasMore = page.hasMore;
    }
    replayed.set(roomId, from);
  }
}
