import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import type { Sql } from "postgres";
import { createClient } from "./client.ts";

/** A folder that drizzle-kit wrote, and the table that remembers which of it is applied. */
export type Migrations = { readonly folder: string; readonly table: string };

/** A migration that a database has, or is to have. */
export type Migration = { readonly table: string; readonly name: string };

/**
 * Brings a database up to its migrations; answers those that ran. Drizzle's migrator races with itself, so replicas that start
 * together wait for each other on an advisory lock; that lock belongs to a session, hence one direct connection. The role keeps
 * `sessionDefaults` for all its sessions here, those of a pooler too, which no client can set up.
 */
export async function migrateDatabase(
  url: string,
  applicationName: string,
  migrations: readonly Migrations[],
  sessionDefaults: Readonly<Record<string, string>> = {},
): Promise<Migration[]> {
  for (const { folder } of migrations) {
    if (!existsSync(journalOf(folder))) throw new Error(`There are no migrations in ${folder}.`);
  }
  const connection = { application_name: `${applicationName} migrations`, statement_timeout: 0 };
  const sql = createClient(url, { max: 1, connection });
  try {
    await sql`select pg_advisory_lock(hashtextextended('lyceum.migrations', 0))`;
    const ran: Migration[] = [];
    for (const { folder, table } of migrations) {
      const missing = await listMissing(sql, { folder, table });
      await migrate(drizzle(sql), { migrationsFolder: folder, migrationsTable: table, migrationsSchema: "migrations" });
      ran.push(...missing);
    }
    await keepDefaults(sql, sessionDefaults);
    return ran;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function keepDefaults(sql: Sql, defaults: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(defaults)) {
    const [{ statement } = { statement: "" }] = await sql<{ statement: string }[]>`
      select format('alter role current_user in database %I set %I = %L',
        current_database(), ${name}::text, ${value}::text) as statement`;
    await sql.unsafe(statement);
  }
}

/** The migrations that a database does not have yet. */
export async function findMissingMigrations(url: string, migrations: readonly Migrations[]): Promise<Migration[]> {
  const sql = createClient(url, { max: 1, connection: { application_name: "migrations" } });
  try {
    return (await Promise.all(migrations.map((one) => listMissing(sql, one)))).flat();
  } finally {
    await sql.end({ timeout: 5 });
  }
}

type Journal = { readonly entries: readonly { readonly tag: string; readonly when: number }[] };

/** As Drizzle decides it: those written after the last one applied. */
async function listMissing(sql: Sql, { folder, table }: Migrations): Promise<Migration[]> {
  const { entries } = JSON.parse(readFileSync(journalOf(folder), "utf8")) as Journal;
  const [known] = await sql<{ there: boolean }[]>`select to_regclass(${`migrations.${table}`}) is not null as there`;
  const [last] = known?.there
    ? await sql<{ when: number }[]>`
        select coalesce(max(created_at), -1)::float8 as when from ${sql(`migrations.${table}`)}`
    : [];
  return entries.filter(({ when }) => when > (last?.when ?? -1)).map(({ tag }) => ({ table, name: tag }));
}

function journalOf(folder: string): string {
  return join(folder, "meta/_journal.json");
}
