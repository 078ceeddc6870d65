import type { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { isNotNull, isNull, sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true });

/** A folder of one person's. */
export const folders = pgTable(
  "folders",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    /** Null for the top level. */
    parentId: text("parent_id").references((): AnyPgColumn => folders.id),
    name: text("name").notNull(),
    createTime: time("create_time").notNull(),
    /** True once it is deleted: nobody sees it, nothing is put into it, and what is in it goes to the trash. */
    deleted: boolean("deleted").notNull().default(false),
  },
  (folder) => [
    index("folders_of_owner").on(folder.ownerId, folder.createTime, folder.id),
    index("folders_in_folder").on(folder.parentId),
  ],
);

/** A complete file; its bytes lie in the blob store under its id. */
export const files = pgTable(
  "files",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    /** Null for the top level. */
    folderId: text("folder_id").references(() => folders.id, { onDelete: "set null" }),
    name: text("name").notNull(),
    mediaType: text("media_type").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    createTime: time("create_time").notNull(),
    /** When it went to the trash; null while it is readable by all who were given access. */
    trashTime: time("trash_time"),
    version: bigint("version", { mode: "number" }).notNull().default(1),
  },
  (file) => [
    index("files_ready").on(file.ownerId, file.createTime, file.id).where(isNull(file.trashTime)),
    index("files_trashed").on(file.ownerId, file.createTime, file.id).where(isNotNull(file.trashTime)),
    index("files_in_folder").on(file.ownerId, file.folderId, file.createTime, file.id),
    index("files_by_folder").on(file.folderId).where(isNotNull(file.folderId)),
    index("files_by_trash_time").on(file.trashTime).where(isNotNull(file.trashTime)),
  ],
);

/** One principal's right to one file. */
export const grants = pgTable(
  "grants",
  {
    id: text("id").primaryKey(),
    fileId: text("file_id")
      .notNull()
      .references(() => files.id, { onDelete: "cascade" }),
    /** `user:<id>`, `room:<id>`, or `link:<id of this grant>`. */
    principal: text("principal").notNull(),
    /** A number of GrantRole; the higher includes the lower. */
    role: integer("role").$type<GrantRole>().notNull(),
    createTime: time("create_time").notNull(),
    /** When a link ends; null for one that does not, and for people and rooms. */
    expireTime: time("expire_time"),
  },
  (grant) => [
    index("grants_by_expire_time").on(grant.expireTime).where(isNotNull(grant.expireTime)),
    unique("grants_principal").on(grant.fileId, grant.principal),
    index("grants_of_principal").on(grant.principal, grant.fileId),
  ],
);

/** A room of chat's that files has heard of. Its row is what changes of its members and grants to it take turns by. */
export const rooms = pgTable("rooms", {
  id: text("id").primaryKey(),
  /** True for good once the room is gone: its id is never used again. */
  deleted: boolean("deleted").notNull().default(false),
});

/** Who belongs to a room, or once did: a row stays, so that an older change that comes late is known for one. */
export const roomMembers = pgTable(
  "room_members",
  {
    roomId: text("room_id")
      .notNull()
      .references(() => rooms.id, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    active: boolean("active").notNull(),
    /** The room's change number of the last change. */
    version: bigint("version", { mode: "number" }).notNull(),
  },
  (member) => [
    primaryKey({ columns: [member.roomId, member.userId] }),
    index("rooms_of_user").on(member.userId, member.roomId).where(sql`${member.active}`),
  ],
);

/** What a person's files take, those in the trash included; changed in the transaction of the change it counts. */
export const usage = pgTable("usage", {
  userId: text("user_id").primaryKey(),
  bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
  files: bigint("files", { mode: "number" }).notNull().default(0),
  /** What uploads that take several requests have been promised. */
  reservedBytes: bigint("reserved_bytes", { mode: "number" }).notNull().default(0),
});

/** An upload that takes several requests; its blob grows under its id, which the file gets. */
export const uploads = pgTable(
  "uploads",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id").notNull(),
    name: text("name").notNull(),
    /** Empty for the top level. */
    folderId: text("folder_id").notNull(),
    /** What its sender said of it, to be told again. */
    metadata: json("metadata").$type<Readonly<Record<string, string | null>>>(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    /** How much is stored durably, and what the blob store goes on from. */
    offsetBytes: bigint("offset_bytes", { mode: "number" }).notNull().default(0),
    mark: text("mark"),
    /** Forgotten then; later with each byte. */
    expireTime: time("expire_time").notNull(),
    /** True once the file is there. */
    finished: boolean("finished").notNull().default(false),
  },
  (upload) => [index("uploads_by_expire_time").on(upload.expireTime)],
);

/** Keys that all replicas sign with. */
export const secrets = pgTable("secrets", {
  name: text("name").primaryKey(),
  /** 32 bytes in base64url. */
  value: text("value").notNull(),
});

/** Blobs without a file: being written for one, or left of one that was purged. What a crash leaves behind is found here. */
export const pendingBlobs = pgTable("pending_blobs", {
  key: text("key").primaryKey(),
  startTime: time("start_time").notNull(),
});
