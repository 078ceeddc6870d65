import type { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
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
import type { Preferences } from "./preferences.ts";

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
const time = (name: string) => timestamp(name, { withTimezone: true });
/** Compared byte by byte, whatever the database's language: so the words with one beginning stand together. */
const bytewiseText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/** How people appear to each other. */
export const profiles = pgTable("profiles", {
  userId: text("user_id").primaryKey(),
  displayName: text("display_name").notNull(),
  bio: text("bio").notNull().default(""),
  /** Canonical BCP 47 tag; empty if not chosen. */
  locale: text("locale").notNull().default(""),
  /** IANA name; empty if not chosen. */
  timeZone: text("time_zone").notNull().default(""),
  createTime: time("create_time").notNull(),
  updateTime: time("update_time").notNull(),
  version: bigint("version", { mode: "number" }).notNull().default(1),
  /** What the person chose; the rest has its default. */
  preferences: jsonb("preferences").$type<Partial<Preferences>>().notNull().default({}),
  /** Whether others find the person. */
  discoverable: boolean("discoverable").notNull().default(true),
  /** Who is told that the person is there. */
  presence: integer("presence").$type<PresenceAudience>().notNull().default(1),
  /** SHA-256 of the avatar, in hex; empty if there is none. */
  avatarHash: text("avatar_hash").notNull().default(""),
  /** The rules by which the name was cut into words; 0 for not yet. */
  wordRules: integer("word_rules").notNull().default(0),
});

/** The words of the names of those who may be found. */
export const nameWords = pgTable(
  "name_words",
  {
    word: bytewiseText("word").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => profiles.userId, { onDelete: "cascade" }),
  },
  (row) => [primaryKey({ columns: [row.word, row.userId] }), index("name_words_user").on(row.userId)],
);

/** The pictures of those who have one, as WebP. */
export const avatars = pgTable("avatars", {
  userId: text("user_id")
    .primaryKey()
    .references(() => profiles.userId, { onDelete: "cascade" }),
  bytes: bytea("bytes").notNull(),
});

/** Who does not want to be found or written to by whom. */
export const blocks = pgTable(
  "blocks",
  {
    userId: text("user_id")
      .notNull()
      .references(() => profiles.userId, { onDelete: "cascade" }),
    blockedId: text("blocked_id")
      .notNull()
      .references(() => profiles.userId, { onDelete: "cascade" }),
    createTime: time("create_time").notNull(),
  },
  (row) => [primaryKey({ columns: [row.userId, row.blockedId] }), index("blocks_by_blocked").on(row.blockedId)],
);
