import { existsSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { createClient } from "./client.ts";

/** A folder that drizzle-kit wrote, and the table that remembers which of it is applied. */
export type Migrations = { readonly folder: string; readonly table: string };

/**
 * Brings a database up to its migrations. Drizzle's migrator races with itself, so replicas that start together wait for
 * each other on an advisory lock; that lock belongs to a session, hence one direct connection.
 */
export async function migrateDatabase(
  url: string,
  applicationName: string,
  migrations: readonly Migrations[],
): Promise<void> {
  for (const { folder } of migrations) {
    if (!existsSync(join(folder, "meta/_journal.json"))) throw new Error(`There are no migrations in ${folder}.`);
  }
  const sql = createClient(url, { max: 1, connection: { application_name: `${applicationName} migrations` } });
  try {
    await sql`select pg_advisory_lock(hashtextextended('lyceum.migrations', 0))`;
    for (const { folder, table } of migrations) {
      await migrate(drizzle(sql), { migrationsFolder: folder, migrationsTable: table, migrationsSchema: "migrations" });
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}
