import { join } from "node:path";
import type { Migrations } from "@lyceum/database";

/** Outbox, cursors, inbox and parked events, in the database of every service that publishes or consumes. */
export const eventMigrations: Migrations = {
  folder: join(import.meta.dirname, "postgres/migrations/service"),
  table: "events",
};

/** The log and the schema registry, in the database of `openPostgresStore`. */
export const eventStoreMigrations: Migrations = {
  folder: join(import.meta.dirname, "postgres/migrations/store"),
  table: "event_store",
};
