import { type Db, storable } from "@lyceum/database";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { and, asc, desc, eq, gt, inArray, isNull, lt, ne, sql } from "drizzle-orm";
import type { Entry } from "./entry.ts";
import { type MessageRow, messages, type ReactionRow, reactions } from "./schema.ts";

/** A message of a room, whatever became of it. */
export async function findMessage(db: Db, roomId: string, messageId: string): Promise<MessageRow | undefined> {
  const [row] = await db
    .select()
    .from(messages)
    .where(and(eq(messages.id, storable(messageId)), eq(messages.roomId, roomId)));
  return row;
}

/** The assistant's message that holds an answer. */
export async function findByAnswer(db: Db, roomId: string, answerId: string): Promise<MessageRow | undefined> {
  const [row] = await db
    .select()
    .from(messages)
    .where(and(eq(messages.roomId, roomId), eq(messages.answerId, storable(answerId))));
  return row;
}

/** Some of the assistant's messages that cite a file, by id, after one. */
export async function listCiting(db: Db, fileId: string, afterId: string): Promise<MessageRow[]> {
  const cites = sql`${messages.citations} @> ${JSON.stringify([{ fileId }])}::jsonb`;
  // As a literal, so that the planner knows that the partial index serves.
  const isAssistants = sql`${messages.kind} = ${sql.raw(String(MessageKind.ASSISTANT))}`;
  return db
    .select()
    .from(messages)
    .where(and(isAssistants, cites, gt(messages.id, afterId)))
    .orderBy(asc(messages.id))
    .limit(100);
}

/** Messages in ascending order: the first after `afterSeq` if there is such a bound, else the last before `beforeSeq`. */
export async function listMessages(
  db: Db,
  roomId: string,
  { afterSeq, beforeSeq, limit }: { afterSeq: number | undefined; beforeSeq: number; limit: number },
): Promise<MessageRow[]> {
  const above = afterSeq === undefined ? undefined : gt(messages.seq, afterSeq);
  const below = beforeSeq > 0 ? lt(messages.seq, beforeSeq) : undefined;
  const rows = await db
    .select()
    .from(messages)
    .where(and(eq(messages.roomId, roomId), above, below))
    .orderBy(above ? asc(messages.seq) : desc(messages.seq))
    .limit(limit);
  return above ? rows : rows.reverse();
}

/** What was said before a message, in ascending order. */
export async function listSaidBefore(db: Db, roomId: string, seq: number, limit: number): Promise<MessageRow[]> {
  const said = and(ne(messages.kind, MessageKind.MEMBERSHIP), isNull(messages.deleteTime), ne(messages.text, ""));
  const rows = await db
    .select()
    .from(messages)
    .where(and(eq(messages.roomId, roomId), lt(messages.seq, seq), said))
    .orderBy(desc(messages.seq))
    .limit(limit);
  return rows.reverse();
}

/** Adds messages with what they say. */
export async function insertMessages(tx: Db, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length > 0) await tx.insert(messages).values([...rows]);
}

/** Writes what changed in a message of a locked room. */
export async function updateMessage(tx: Db, messageId: string, fields: Partial<MessageRow>): Promise<MessageRow> {
  const [row] = await tx.update(messages).set(fields).where(eq(messages.id, messageId)).returning();
  if (!row) throw new Error("A message of a locked room cannot disappear.");
  return row;
}

/** Adds what hangs on messages to them. */
export async function toEntries(db: Db, rows: readonly MessageRow[]): Promise<Entry[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const found = await db.select().from(reactions).where(inArray(reactions.messageId, ids));
  const byMessage = Map.groupBy(found, ({ messageId }) => messageId);
  return rows.map((row) => ({ row, reactions: byMessage.get(row.id) ?? [] }));
}

/** Adds what hangs on one message to it. */
export async function toEntry(db: Db, row: MessageRow): Promise<Entry> {
  const [entry] = await toEntries(db, [row]);
  return entry ?? { row, reactions: [] };
}

/** Adds a reaction that is not there. */
export async function insertReaction(tx: Db, reaction: ReactionRow): Promise<void> {
  await tx.insert(reactions).values(reaction);
}

/** Takes a reaction away; false if it was not there. */
export async function deleteReaction(tx: Db, reaction: Omit<ReactionRow, "change">): Promise<boolean> {
  const { messageId, emoji, userId } = reaction;
  const isIt = and(
    eq(reactions.messageId, messageId),
    eq(reactions.emoji, storable(emoji)),
    eq(reactions.userId, userId),
  );
  return (await tx.delete(reactions).where(isIt).returning()).length > 0;
}

/** Takes all reactions to a message away. */
export async function deleteReactions(tx: Db, messageId: string): Promise<void> {
  await tx.delete(reactions).where(eq(reactions.messageId, messageId));
}

/** Erases some messages of a room that is gone; false once none is left. */
export async function eraseSomeMessages(db: Db, roomId: string): Promise<boolean> {
  const erased = await db.execute(sql`
    with gone as (
      delete from messages where id in (select id from messages where room_id = ${roomId} limit 1000) returning id
    ), their_reactions as (delete from reactions where message_id in (select id from gone))
    select 1 from gone limit 1`);
  return erased.length > 0;
}
