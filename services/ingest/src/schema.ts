import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { DocumentStatus } from "./document.ts";
import type { HeadingStep } from "./headings.ts";
import type { FailureReason } from "./parsers/failure.ts";

const time = (name: string) => timestamp(name, { withTimezone: true });
const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** What became of each file. */
export const documents = pgTable(
  "documents",
  {
    fileId: text("file_id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    /** Empty until files was asked for it. */
    fileName: text("file_name").notNull().default(""),
    mediaType: text("media_type").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    state: text("state").$type<DocumentStatus["state"]>().notNull(),
    stage: text("stage").notNull(),
    searchable: boolean("searchable").notNull(),
    progress: doublePrecision("progress").notNull(),
    pageCount: integer("page_count").notNull(),
    passageCount: integer("passage_count").notNull(),
    failureReason: text("failure_reason").$type<FailureReason>(),
    contentId: text("content_id").references(() => contents.id),
    /** Raised by every parse; part of the passages' ids. */
    revision: bigint("revision", { mode: "number" }).notNull().default(0),
    trashed: boolean("trashed").notNull().default(false),
    createTime: time("create_time").notNull(),
    updateTime: time("update_time").notNull(),
    version: bigint("version", { mode: "number" }).notNull().default(1),
    /** The latest version of the file that was heard of. */
    fileVersion: bigint("file_version", { mode: "number" }).notNull().default(1),
  },
  (table) => [index("documents_by_owner").on(table.ownerId, table.createTime, table.fileId)],
);

/** Files that are gone for good, so that nothing late brings their documents back. */
export const purgedFiles = pgTable("purged_files", {
  fileId: text("file_id").primaryKey(),
  purgeTime: time("purge_time").notNull(),
});

/** What was read in one owner's bytes: shared by all documents with the same bytes. */
export const contents = pgTable(
  "contents",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    sha256: text("sha256").notNull(),
    parserVersion: integer("parser_version").notNull(),
    /** The document's text, gzip. */
    text: bytes("text").notNull(),
    pageCount: integer("page_count").notNull(),
    passageCount: integer("passage_count").notNull(),
    failedPages: integer("failed_pages").notNull(),
    createTime: time("create_time").notNull(),
  },
  (table) => [uniqueIndex("contents_by_bytes").on(table.ownerId, table.sha256, table.parserVersion)],
);

/** Where each page stands in the text, and each word on the page. */
export const pages = pgTable(
  "pages",
  {
    contentId: text("content_id")
      .notNull()
      .references(() => contents.id, { onDelete: "cascade" }),
    number: integer("number").notNull(),
    charStart: integer("char_start").notNull(),
    charEnd: integer("char_end").notNull(),
    /** As `packWords` writes them; empty for a page without text. */
    words: bytes("words").notNull(),
  },
  (table) => [primaryKey({ columns: [table.contentId, table.number] })],
);

/** The passages a text was cut into. */
export const passages = pgTable(
  "passages",
  {
    contentId: text("content_id")
      .notNull()
      .references(() => contents.id, { onDelete: "cascade" }),
    ordinal: integer("ordinal").notNull(),
    charStart: integer("char_start").notNull(),
    charEnd: integer("char_end").notNull(),
    /** 0 where the source has no pages. */
    page: integer("page").notNull(),
    /** 0 where the source has no slides. */
    slide: integer("slide").notNull().default(0),
    /** Empty where the source has no sheets. */
    sheet: text("sheet").notNull().default(""),
    /** Seconds; both 0 where the source has no time. */
    timeStart: doublePrecision("time_start").notNull().default(0),
    timeEnd: doublePrecision("time_end").notNull().default(0),
    headingPath: text("heading_path").array().notNull(),
    /** Which headings its parts stand under; empty where that is one path. */
    headings: jsonb("headings").$type<HeadingStep[]>().notNull().default([]),
    /** As `packBoxes` writes them. */
    boxes: bytes("boxes").notNull(),
    text: text("text").notNull(),
  },
  (table) => [primaryKey({ columns: [table.contentId, table.ordinal] })],
);
