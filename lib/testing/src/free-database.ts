import { hash, randomBytes } from "node:crypto";
import { type Database, type Migrations, migrateDatabase, openDatabase } from "@lyceum/database";
import { inject } from "vitest";

let admin: Promise<Database> | undefined;
const templates = new Map<string, Promise<void>>();

/**
 * The URL of a database of its own on the run's Postgres, empty or brought up to `migrations`: then it is a copy of the run's first
 * one that was, which costs a fraction of migrating it.
 */
export async function freeDatabase(migrations: readonly Migrations[] = []): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await create(name, migrations.length === 0 ? "template1" : await openTemplate(migrations));
  return urlOf(name);
}

async function openTemplate(migrations: readonly Migrations[]): Promise<string> {
  const name = `template_${hash("sha256", JSON.stringify(migrations)).slice(0, 32)}`;
  if (!templates.has(name)) templates.set(name, makeTemplate(name, migrations));
  await templates.get(name);
  return name;
}

/** Other workers want it too: one makes it. It gets its name when it is complete. */
async function makeTemplate(name: string, migrations: readonly Migrations[]): Promise<void> {
  const { lease, sql } = await openAdmin();
  await using _turn = await lease(name, 60_000);
  const [known] = await sql`select from pg_database where datname = ${name}`;
  if (known) return;
  const draft = `${name}_${randomBytes(6).toString("hex")}`;
  await create(draft, "template1");
  await migrateDatabase(urlOf(draft), "test template", migrations);
  await sql.unsafe(`alter database ${draft} rename to ${name}`);
}

async function create(name: string, template: string): Promise<void> {
  const { sql } = await openAdmin();
  await sql.unsafe(`create database ${name} template ${template} strategy file_copy`);
}

function openAdmin(): Promise<Database> {
  admin ??= openDatabase({
    url: inject("postgresUrl"),
    applicationName: "tests",
    migrations: [],
    maxConnections: 2,
  });
  return admin;
}

function urlOf(name: string): string {
  return inject("postgresUrl").replace("/postgres?", `/${name}?`);
}
