import type { FinishReason, Rating } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import type { AnswerPart } from "./answering/answer.ts";
import type { Measures } from "./clock.ts";

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
const counter = (name: string) => bigint(name, { mode: "number" });
const time = (name: string) => timestamp(name, { withTimezone: true });

/** How far indexing is. A purged entry is a tombstone: nothing that comes late brings its file back. */
export type EntryState = "INDEXING" | "SEARCHABLE" | "INDEXED" | "FAILED" | "PURGED";

/** What is known of a file that is, was, or will be in the index. */
export const entries = pgTable(
  "entries",
  {
    fileId: text("file_id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    /** The document's revision to be indexed; the segment may still hold the one before. */
    revision: counter("revision").notNull(),
    state: text("state").$type<EntryState>().notNull(),
    /** In the trash, or marked so before its document was parsed; purged ones too. */
    trashed: boolean("trashed").notNull().default(false),
    version: counter("version").notNull().default(1),
    /** The last version seen from files, which decides on the trash, and from ingest, which decides on the revision. */
    fileVersion: counter("file_version").notNull().default(0),
    documentVersion: counter("document_version").notNull().default(0),
  },
  (entry) => [index("entries_owner").on(entry.ownerId)],
);

/** A file's postings: one blob of `writeSegment`, and the ids of its passages in order. */
export const segments = pgTable("segments", {
  fileId: text("file_id")
    .primaryKey()
    .references(() => entries.fileId, { onDelete: "cascade" }),
  revision: counter("revision").notNull(),
  /** Raised each time the blob is written, also for the same revision: caches tell by it. */
  build: integer("build").notNull().default(1),
  /** Of the file's name that the postings hold. */
  nameHash: text("name_hash").notNull().default(""),
  sizeBytes: integer("size_bytes").notNull(),
  blob: bytea("blob").notNull(),
  passageIds: text("passage_ids").array().notNull(),
});

/**
 * A file's vectors by one model: one blob of `writeVectors`, row by row the passages of the segment of that revision, or the
 * first of them while the rest are being embedded.
 */
export const vectors = pgTable(
  "vectors",
  {
    fileId: text("file_id")
      .notNull()
      .references(() => entries.fileId, { onDelete: "cascade" }),
    model: text("model").notNull(),
    revision: counter("revision").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    blob: bytea("blob").notNull(),
  },
  (vector) => [primaryKey({ columns: [vector.fileId, vector.model] })],
);

/** Models that documents are, or are being, embedded by: one serves, and another takes its place when all of them are. */
export const embeddingModels = pgTable("embedding_models", {
  model: text("model").primaryKey(),
  /** False while documents are embedded by it that were there before it. */
  serving: boolean("serving").notNull(),
  /** The last file it has embedded of those. */
  cursor: text("cursor").notNull().default(""),
});

/** Who else may read a file, as files last said. An ended grant stays, so that an older event cannot bring it back. */
export const grants = pgTable(
  "grants",
  {
    fileId: text("file_id").notNull(),
    /** `user:<id>` or `room:<id>`. */
    principal: text("principal").notNull(),
    active: boolean("active").notNull(),
    /** The file's version that said so. */
    version: counter("version").notNull(),
  },
  (grant) => [
    primaryKey({ columns: [grant.fileId, grant.principal] }),
    index("grants_principal").on(grant.principal, grant.fileId),
  ],
);

/** Who belongs to a room, as chat last said. A member who left stays, so that an older event cannot bring them back. */
export const roomMembers = pgTable(
  "room_members",
  {
    roomId: text("room_id").notNull(),
    userId: text("user_id").notNull(),
    active: boolean("active").notNull(),
    /** The room's change that said so. */
    version: counter("version").notNull(),
  },
  (member) => [
    primaryKey({ columns: [member.roomId, member.userId] }),
    index("room_members_user").on(member.userId, member.roomId),
  ],
);

/** Rooms that are gone: nothing that comes late brings a member back. */
export const deletedRooms = pgTable("deleted_rooms", { roomId: text("room_id").primaryKey() });

/** A person's questions that belong together. */
export const conversations = pgTable(
  "conversations",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    /** As given, or the first question, shortened; empty before it. */
    title: text("title").notNull(),
    createTime: time("create_time").notNull(),
    /** When it was last asked something. */
    updateTime: time("update_time").notNull().defaultNow(),
  },
  (conversation) => [index("conversations_owner").on(conversation.ownerId, conversation.updateTime, conversation.id)],
);

/** A passage an answer is drawn from: where it stands, never its text. */
export type RetrievedPassage = { readonly id: string; readonly fileId: string; readonly score: number };

/** A question and what was answered, without a word of any file but what a model made of it. */
export const answers = pgTable(
  "answers",
  {
    id: text("id").primaryKey(),
    /** Null for an answer in a room. */
    conversationId: text("conversation_id").references(() => conversations.id, { onDelete: "cascade" }),
    ownerId: text("owner_id").notNull(),
    question: text("question").notNull(),
    passages: jsonb("passages").$type<RetrievedPassage[]>().notNull().default([]),
    parts: jsonb("parts").$type<AnswerPart[]>().notNull(),
    finishReason: integer("finish_reason").$type<FinishReason>().notNull(),
    measures: jsonb("measures").$type<Measures>(),
    /** Whose writing it is while it grows, and until when that counts; null once it has ended. */
    lease: text("lease"),
    leaseEnd: time("lease_end"),
    /** True once its asker wants it to end. */
    stopping: boolean("stopping").notNull().default(false),
    createTime: time("create_time").notNull(),
    version: counter("version").notNull().default(1),
  },
  (answer) => [
    index("answers_conversation").on(answer.conversationId, answer.createTime, answer.id),
    index("answers_owner").on(answer.ownerId),
    index("answers_unfinished").on(answer.leaseEnd).where(sql`${answer.finishReason} = 0`),
  ],
);

/** Where the support of an answer stands; the quote is fetched under the reader's rights when shown. */
export const citations = pgTable(
  "citations",
  {
    answerId: text("answer_id")
      .notNull()
      .references(() => answers.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    fileId: text("file_id").notNull(),
    passageId: text("passage_id").notNull(),
    charStart: integer("char_start").notNull(),
    charEnd: integer("char_end").notNull(),
    /** SHA-256 of the quote, in hex: what stands there now is shown only if it is the same. */
    quoteHash: text("quote_hash").notNull(),
  },
  (citation) => [
    primaryKey({ columns: [citation.answerId, citation.number] }),
    index("citations_file").on(citation.fileId),
  ],
);

/** What people think of their answers. */
export const feedback = pgTable("feedback", {
  answerId: text("answer_id")
    .primaryKey()
    .references(() => answers.id, { onDelete: "cascade" }),
  rating: integer("rating").$type<Rating>().notNull(),
  comment: text("comment").notNull(),
  time: time("time").notNull(),
});
