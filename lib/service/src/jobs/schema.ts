import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

/** Work to be done, in the database of the service whose work it is. */
export const jobs = pgTable(
  "jobs",
  {
    id: text().primaryKey(),
    kind: text().notNull(),
    key: text().notNull(),
    lane: text().notNull(),
    payload: jsonb().notNull(),
    traceparent: text(),
    /** Tries begun so far. */
    attempt: integer().notNull().default(0),
    createTime: timestamp("create_time", { withTimezone: true }).notNull().defaultNow(),
    runAfter: timestamp("run_after", { withTimezone: true }).notNull().defaultNow(),
    /** Names the try under way; null while the job waits. */
    lease: text(),
    leaseEnd: timestamp("lease_end", { withTimezone: true }),
  },
  (table) => [
    uniqueIndex("jobs_one_waiting").on(table.kind, table.key).where(sql`lease is null`),
    index("jobs_by_kind").on(table.kind, table.runAfter),
  ],
);
