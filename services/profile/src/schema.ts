import { bigint, pgTable, text, timestamp } from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true });

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
});
