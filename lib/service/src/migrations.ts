import { join } from "node:path";
import type { Migrations } from "@lyceum/database";
import { eventMigrations } from "@lyceum/events";

const jobMigrations: Migrations = { folder: join(import.meta.dirname, "../migrations"), table: "jobs" };

/** What a service's database is brought up to: jobs, events, and the service's own tables from `folder`. */
export function serviceMigrations(folder: string | undefined): Migrations[] {
  return [jobMigrations, eventMigrations, ...(folder ? [{ folder, table: "migrations" }] : [])];
}
