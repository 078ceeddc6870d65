import { type Database, storable, type Transaction } from "@lyceum/database";
import { inArray } from "drizzle-orm";
import { type MessageRow, messages } from "./schema.ts";

/** What a person says. */
export type Said = {
  readonly roomId: string;
  readonly senderId: string;
  readonly clientId: string | null;
  readonly text: string;
  readonly replyToId: string;
  readonly fileIds: readonly string[];
  /** The trace of the call that says it: messages that are committed together have each their own. */
  readonly traceparent: string | undefined;
};

/** A room whose row is locked, and how far it has come. */
export type LockedRoom = { readonly id: string; lastSeq: number; lastChange: number };

/** What is known of messages that are about to be sent. */
export type SendingView = {
  readonly rooms: readonly LockedRoom[];
  /** `<room> <person>` of those who belong to the rooms they send to. */
  readonly members: ReadonlySet<string>;
  /** `<room> <message>` of messages that are answered. */
  readonly replies: ReadonlySet<string>;
  /** Those that were sent before. */
  readonly repeated: readonly MessageRow[];
};

/**
 * Locks the rooms in the order of their ids and reads the rest after the locks were had. Written by hand, since this and
 * `writeSent` are what a send costs: they are prepared, and travel together.
 */
export async function readForSending(database: Database, tx: Transaction, list: readonly Said[]): Promise<SendingView> {
  const sql = database.sqlOf(tx);
  const roomIds = list.map(({ roomId }) => storable(roomId));
  const senderIds = list.map(({ senderId }) => senderId);
  const named = list.filter(({ clientId }) => clientId !== null);
  const replyIds = list.flatMap(({ replyToId }) => (replyToId ? [storable(replyToId)] : []));
  const [, rooms, members, repeated, replies] = await Promise.all([
    // Prepared plans outlive the small tables they were made for: reading one whole must never look cheap, nor joining one,
    // which `offset 0` and `limit 1` forbid.
    sql`select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`,
    sql<LockedRoom[]>`
      select id, last_seq::float8 as "lastSeq", last_change::float8 as "lastChange" from rooms
      where id = any(${[...new Set(roomIds)]}::text[]) and delete_time is null order by id for update`,
    sql<{ key: string }[]>`
      select found.key from unnest(${roomIds}::text[], ${senderIds}::text[]) as said(room_id, user_id), lateral (
        select room_id || ' ' || user_id as key from members
        where room_id = said.room_id and user_id = said.user_id and not removed limit 1) found`,
    named.length === 0
      ? []
      : sql<{ id: string; roomId: string }[]>`
          select found.id, found.room_id as "roomId"
          from unnest(${named.map(({ senderId }) => senderId)}::text[], ${named.map(({ clientId }) => clientId)}::text[])
            as said(sender_id, client_id), lateral (
              select id, room_id from messages where sender_id = said.sender_id and client_id = said.client_id offset 0) found`,
    replyIds.length === 0
      ? []
      : sql<{ key: string }[]>`
          select room_id || ' ' || id as key from messages where id = any(${replyIds}::text[]) and delete_time is null`,
  ]);
  // Not sought by their room, or such a plan could find them by it alone and read all of it.
  const ids = repeated.filter(({ roomId }) => roomIds.includes(roomId)).map(({ id }) => id);
  return {
    rooms: [...rooms],
    members: new Set(members.map(({ key }) => key)),
    replies: new Set(replies.map(({ key }) => key)),
    repeated: ids.length > 0 ? await tx.select().from(messages).where(inArray(messages.id, ids)) : [],
  };
}

/** Writes messages, the changes they are, and how far their rooms have come. */
export async function writeSent(
  database: Database,
  tx: Transaction,
  sent: readonly MessageRow[],
  rooms: readonly LockedRoom[],
  now: Date,
): Promise<void> {
  const rows = sent.map(({ id, roomId, seq, change, kind, senderId, clientId, text, replyToId, fileIds }) => {
    return { id, roomId, seq, change, kind, senderId, clientId, text, replyToId, fileIds };
  });
  const time = now.toISOString();
  await database.sqlOf(tx)`
    with sent as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as sent(id text, "roomId" text, seq bigint,
        change bigint, kind smallint, "senderId" text, "clientId" text, text text, "replyToId" text, "fileIds" jsonb)
    ), kept as (
      insert into messages (id, room_id, seq, change, kind, sender_id, client_id, text, create_time, reply_to_id, file_ids)
      select id, "roomId", seq, change, kind, "senderId", "clientId", text, ${time}::timestamptz, "replyToId", "fileIds"
      from sent
    ), noted as (
      insert into changes (room_id, change, kind, message_id) select "roomId", change, 'message', id from sent
    )
    update rooms set last_seq = room."lastSeq", last_change = room."lastChange", last_message_time = ${time}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rooms)}::jsonb) as room(id text, "lastSeq" bigint, "lastChange" bigint)
    where rooms.id = room.id`;
}
