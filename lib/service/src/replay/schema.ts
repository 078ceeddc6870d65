import { integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** How far the building of a generation is. */
export type ReplayState = "WAITING" | "BUILDING" | "SERVING" | "FAILED" | "STOPPED";

/** Every time a service's read model was built anew, in the database of that service. */
export const replays = pgTable("replays", {
  generation: integer().primaryKey().generatedAlwaysAsIdentity(),
  state: text().$type<ReplayState>().notNull().default("WAITING"),
  /** Events passed, and those there are. */
  passed: integer().notNull().default(0),
  total: integer().notNull().default(0),
  /** Jobs of the new generation that are not done. */
  jobs: integer().notNull().default(0),
  /** Why it failed. */
  error: text(),
  requestTime: timestamp("request_time", { withTimezone: true }).notNull().defaultNow(),
  /** When it began to serve, or was given up. */
  endTime: timestamp("end_time", { withTimezone: true }),
});
