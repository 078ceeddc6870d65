import type { Db } from "@lyceum/database";
import { and, asc, eq, gt, inArray, ne, type SQL, sql } from "drizzle-orm";
import type { Change } from "./change.ts";
import type { Entry } from "./entry.ts";
import { toEntries } from "./message-store.ts";
import { changes, members, messages } from "./schema.ts";

type ChangeRow = typeof changes.$inferSelect;
type NewChangeRow = typeof changes.$inferInsert;

/** What is kept of changes: no content of theirs. */
export async function insertChanges(tx: Db, list: readonly Change[]): Promise<void> {
  if (list.length > 0) await tx.insert(changes).values(list.map(toRow));
}

/** A change as a row of the log. */
export function toRow(change: Change): NewChangeRow {
  const { roomId, kind } = change;
  const row = { roomId, change: change.change, kind };
  switch (change.kind) {
    case "message":
    case "messageEdited":
      return { ...row, messageId: change.entry.row.id };
    case "messageDeleted":
      return { ...row, messageId: change.messageId };
    case "reaction":
      return {
        ...row,
        messageId: change.messageId,
        userId: change.userId,
        emoji: change.emoji,
        removed: change.removed,
      };
    case "membership":
      return { ...row, userId: change.userId, role: change.role, removed: change.removed };
    case "roomDeleted":
      return row;
  }
}

/** Which changes of a room are read: those after one, at most so many. */
export type ChangeRange = { readonly roomId: string; readonly after: number; readonly limit: number };

/** A page of changes, and the number up to which it holds all. */
export type ChangePage = { readonly changes: readonly Change[]; readonly through: number; readonly hasMore: boolean };

/** Changes of a room in order, each with what it is about as that is now. */
export function listChanges(db: Db, range: ChangeRange): Promise<ChangePage> {
  return readPage(db, range, undefined);
}

/** As `listChanges`, for a person: none unless they belong to the room, and none from before they came in. */
export function listChangesFor(db: Db, range: ChangeRange, userId: string): Promise<ChangePage> {
  const seen = sql`exists (select 1 from ${members} where ${members.roomId} = ${range.roomId}
    and ${members.userId} = ${userId} and not ${members.removed} and ${changes.change} >= ${members.joinChange})`;
  return readPage(db, range, seen);
}

async function readPage(db: Db, { roomId, after, limit }: ChangeRange, seen: SQL | undefined): Promise<ChangePage> {
  const rows = await db
    .select()
    .from(changes)
    .where(and(eq(changes.roomId, roomId), gt(changes.change, after), seen))
    .orderBy(asc(changes.change))
    .limit(limit);
  const ids = new Set(rows.filter(({ kind }) => kind !== "reaction").map(({ messageId }) => messageId));
  ids.delete("");
  const found =
    ids.size > 0
      ? await db
          .select()
          .from(messages)
          .where(inArray(messages.id, [...ids]))
      : [];
  const entries = new Map((await toEntries(db, found)).map((entry) => [entry.row.id, entry]));
  return {
    changes: rows.flatMap((row) => toChange(row, entries.get(row.messageId)) ?? []),
    through: rows.at(-1)?.change ?? after,
    hasMore: rows.length === limit,
  };
}

/** A row with what it is about; undefined if that was erased with its room. */
function toChange(row: ChangeRow, entry: Entry | undefined): Change | undefined {
  const { roomId, change, kind, messageId, userId, role, emoji, removed } = row;
  const place = { roomId, change };
  if (kind === "reaction") return { ...place, kind, messageId, userId, emoji, removed };
  if (kind === "membership") return { ...place, kind, userId, role, removed };
  if (kind === "roomDeleted") return { ...place, kind };
  if (!entry) return undefined;
  return kind === "messageDeleted" ? { ...place, kind, messageId, seq: entry.row.seq } : { ...place, kind, entry };
}

/** Erases the changes of a room that is gone, all but its end. */
export async function eraseChanges(db: Db, roomId: string): Promise<void> {
  await db.delete(changes).where(and(eq(changes.roomId, roomId), ne(changes.kind, "roomDeleted")));
}
