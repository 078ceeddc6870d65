import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import type { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import type { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { isNotNull, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { StoredCitation } from "./citation.ts";

const time = (name: string) => timestamp(name, { withTimezone: true });
const count = (name: string) => bigint(name, { mode: "number" });
/** The transaction that wrote a row. All below a snapshot's xmin are over, so whoever has read up to there misses nothing. */
const transactionId = () => count("xid").notNull().default(sql`pg_current_xact_id()::text::bigint`);

/** A place where people talk. Its row is what all changes in it take turns by. */
export const rooms = pgTable(
  "rooms",
  {
    id: text("id").primaryKey(),
    kind: smallint("kind").$type<RoomKind>().notNull(),
    title: text("title").notNull(),
    /** The two people of a direct room, in order; null for a group. */
    pair: text("pair"),
    lastSeq: count("last_seq").notNull(),
    lastChange: count("last_change").notNull(),
    memberCount: integer("member_count").notNull(),
    createTime: time("create_time").notNull(),
    updateTime: time("update_time").notNull(),
    lastMessageTime: time("last_message_time").notNull(),
    /** When it was deleted: what is left of it tells its members so. */
    deleteTime: time("delete_time"),
  },
  (room) => [
    uniqueIndex("rooms_pair").on(room.pair).where(sql`${room.pair} is not null and ${room.deleteTime} is null`),
  ],
);

/** Who belongs to a room, or did: a row stays for a while, so that whoever was away hears of it. */
export const members = pgTable(
  "members",
  {
    roomId: text("room_id").notNull(),
    userId: text("user_id").notNull(),
    role: smallint("role").$type<MemberRole>().notNull(),
    joinTime: time("join_time").notNull(),
    /** The room's change by which they came in, the last time. */
    joinChange: count("join_change").notNull(),
    readSeq: count("read_seq").notNull().default(0),
    removed: boolean("removed").notNull().default(false),
    /** The room's change by which this last became so. */
    change: count("change").notNull(),
    changeTime: time("change_time").notNull(),
    xid: transactionId(),
    /** True once files has heard of it. */
    applied: boolean("applied").notNull().default(false),
  },
  (member) => [
    primaryKey({ columns: [member.roomId, member.userId] }),
    index("members_of_user").on(member.userId, member.roomId),
    index("members_by_xid").on(member.xid),
    index("members_not_applied").on(member.roomId).where(sql`not ${member.applied}`),
  ],
);

/** One entry of a room's history. */
export const messages = pgTable(
  "messages",
  {
    id: text("id").primaryKey(),
    roomId: text("room_id").notNull(),
    seq: count("seq").notNull(),
    /** The room's latest change to this message. */
    change: count("change").notNull(),
    kind: smallint("kind").$type<MessageKind>().notNull(),
    senderId: text("sender_id").notNull(),
    /** The sender's own id of it; null for none. */
    clientId: text("client_id"),
    text: text("text").notNull(),
    createTime: time("create_time").notNull(),
    editTime: time("edit_time"),
    deleteTime: time("delete_time"),
    replyToId: text("reply_to_id").notNull().default(""),
    fileIds: jsonb("file_ids").$type<string[]>().notNull().default([]),
    /** What happened, for a membership message. */
    membership: jsonb("membership").$type<{ userId: string; role: MemberRole; removed: boolean }>(),
    /** The answer that an assistant's message holds. */
    answerId: text("answer_id"),
    finishReason: smallint("finish_reason").$type<FinishReason>().notNull().default(0),
    citations: jsonb("citations").$type<StoredCitation[]>().notNull().default([]),
  },
  (message) => [
    uniqueIndex("messages_seq").on(message.roomId, message.seq),
    uniqueIndex("messages_client_id")
      .on(message.senderId, message.clientId, message.roomId)
      .where(isNotNull(message.clientId)),
    index("messages_cited_files")
      .using("gin", sql`${message.citations} jsonb_path_ops`)
      .where(sql`${message.kind} = ${sql.raw(String(MessageKind.ASSISTANT))}`),
    uniqueIndex("messages_answer").on(message.roomId, message.answerId).where(isNotNull(message.answerId)),
  ],
);

/** Who put which emoji under a message. */
export const reactions = pgTable(
  "reactions",
  {
    messageId: text("message_id").notNull(),
    emoji: text("emoji").notNull(),
    userId: text("user_id").notNull(),
    /** The room's change that added it. */
    change: count("change").notNull(),
  },
  (reaction) => [primaryKey({ columns: [reaction.messageId, reaction.emoji, reaction.userId] })],
);

/** What a durable change is about. */
export type ChangeKind = "message" | "messageEdited" | "messageDeleted" | "reaction" | "membership" | "roomDeleted";

/** Every durable change of every room, for those who were away: what happened, without its content. */
export const changes = pgTable(
  "changes",
  {
    roomId: text("room_id").notNull(),
    change: count("change").notNull(),
    xid: transactionId(),
    time: time("time").notNull().defaultNow(),
    kind: text("kind").$type<ChangeKind>().notNull(),
    /** The message it is about; empty for a membership. */
    messageId: text("message_id").notNull().default(""),
    /** Whose reaction or membership; empty otherwise. */
    userId: text("user_id").notNull().default(""),
    role: smallint("role").$type<MemberRole>().notNull().default(0),
    emoji: text("emoji").notNull().default(""),
    removed: boolean("removed").notNull().default(false),
  },
  (change) => [
    primaryKey({ columns: [change.roomId, change.change] }),
    index("changes_by_xid").on(change.xid),
    index("changes_by_time").using("brin", change.time),
  ],
);

/** The one row that says which log of changes this is. */
export const feeds = pgTable("feeds", {
  only: boolean("only").primaryKey().default(true),
  /** 16 hex digits: cursors of another home carry others. */
  id: text("id").notNull(),
  /** What cursors are signed with, in hex. */
  secret: text("secret").notNull(),
  /** Changes of transactions below this one are no longer kept. */
  floor: count("floor").notNull().default(0),
});

export type RoomRow = typeof rooms.$inferSelect;
export type MemberRow = typeof members.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type ReactionRow = typeof reactions.$inferSelect;
