import type { Database, Transaction } from "@lyceum/database";
import type { ReadModel } from "../define-service.ts";

type TransactionSql = ReturnType<Database["sqlOf"]>;

/** What a generation has of its own besides the read model, so that its events, jobs and facts touch nothing that serves. */
const machinery = ["event_cursors", "event_inbox", "parked_events", "outbox", "jobs"];

/** The schema that holds a generation until it serves. */
export function schemaOf(generation: number): string {
  return `generation_${generation}`;
}

/**
 * Makes empty tables beside those that serve, with their constraints and indexes under the same names. Whatever of an earlier
 * try is there stays, unless a migration has changed the tables since. Throws for a generation that has ended.
 */
export async function makeGeneration(database: Database, generation: number, { tables }: ReadModel): Promise<void> {
  const schema = schemaOf(generation);
  const all = [...machinery, ...tables];
  await database.transaction(async (tx) => {
    const sql = database.sqlOf(tx);
    await checkUnfinished(sql, generation);
    await checkReferences(sql, tables);
    if (await isLike(sql, schema, all)) return;
    await dropGeneration(tx, generation);
    await sql`create schema ${sql(schema)}`;
    for (const table of all) {
      await sql`create table ${sql(`${schema}.${table}`)} (like ${sql(`public.${table}`)} including all excluding indexes)`;
    }
    // Read while the tables that serve are the ones in sight, so that a definition names them without their schema.
    const keys = await readConstraints(sql, all, ["p", "u", "x"]);
    const references = await readConstraints(sql, all, ["f"]);
    const indexes = await readIndexes(sql, all);
    await sql`set local search_path to ${sql(schema)}, public`;
    for (const { table, name, definition } of [...keys, ...references]) {
      await sql`alter table ${sql(`${schema}.${table}`)} add constraint ${sql(name)} ${sql.unsafe(definition)}`;
    }
    for (const definition of indexes) {
      await sql.unsafe(definition.replace(/ ON (?:ONLY )?public\./, ` ON ${schema}.`));
    }
    await sql`set local search_path to default`;
  });
}

/** A process that stalled before it began makes nothing of what another has brought to its end. */
async function checkUnfinished(sql: TransactionSql, generation: number): Promise<void> {
  const found = await sql`
    select from replays where generation = ${generation} and state in ('WAITING', 'BUILDING') for share`;
  if (found.length === 0) throw new Error(`Generation ${generation} has ended.`);
}

/** A table outside would go on referring to the old ones. */
async function checkReferences(sql: TransactionSql, tables: readonly string[]): Promise<void> {
  const [outside] = await sql<{ from: string; to: string }[]>`
    select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint
    where contype = 'f' and confrelid = any(${sql.array(tables.map(publicName))}::regclass[])
      and conrelid <> all(${sql.array(tables.map(publicName))}::regclass[])`;
  if (outside) throw new Error(`${outside.from} refers to ${outside.to}: it belongs to the read model too.`);
}

const publicName = (table: string) => `public.${table}`;

async function isLike(sql: TransactionSql, schema: string, tables: readonly string[]): Promise<boolean> {
  const [row] = await sql<{ alike: boolean }[]>`
    with columns as (
      select table_schema, table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
      where table_name in ${sql(tables)})
    select count(*) filter (where table_schema = ${schema}) > 0 and not exists (
      select table_name, column_name, data_type, is_nullable from columns where table_schema = 'public'
      except select table_name, column_name, data_type, is_nullable from columns where table_schema = ${schema}) as alike
    from columns`;
  return row?.alike ?? false;
}

type Constraint = { table: string; name: string; definition: string };

async function readConstraints(sql: TransactionSql, tables: readonly string[], kinds: string[]): Promise<Constraint[]> {
  return sql<Constraint[]>`
    select r.relname as table, c.conname as name, pg_get_constraintdef(c.oid) as definition
    from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace
    where n.nspname = 'public' and r.relname in ${sql(tables)} and c.contype in ${sql(kinds)} order by c.oid`;
}

async function readIndexes(sql: TransactionSql, tables: readonly string[]): Promise<string[]> {
  const rows = await sql<{ definition: string }[]>`
    select pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class r on r.oid = i.indrelid join pg_namespace n on n.oid = r.relnamespace
    where n.nspname = 'public' and r.relname in ${sql(tables)}
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))`;
  return rows.map(({ definition }) => definition);
}

/** Where a group is in one partition. */
export type Position = { readonly topic: string; readonly partition: number; readonly next: number };

/** Keeps the members of a group from going on until the transaction ends; answers where it stands. */
export async function holdGroup(sql: TransactionSql, group: string): Promise<Position[]> {
  return sql<Position[]>`
    select topic, partition, next_offset::float8 as next from event_cursors
    where consumer_group = ${group} order by topic, partition for update`;
}

/** Where a generation stands that is no longer at work. */
export async function readReached(sql: TransactionSql, generation: number): Promise<Position[]> {
  return sql<Position[]>`
    select topic, partition, next_offset::float8 as next from ${sql(`${schemaOf(generation)}.event_cursors`)}`;
}

/**
 * Puts a generation's tables in the place of those that serve, in the transaction that holds the serving group. What the
 * generation is ahead with, the group's inbox drops; what it parked, the group goes on trying.
 */
export async function putInPlace(
  tx: Transaction,
  database: Database,
  generation: number,
  {
    group,
    readModel,
    jobKinds,
    isAhead,
  }: { group: string; readModel: ReadModel; jobKinds: readonly string[]; isAhead: boolean },
): Promise<void> {
  const sql = database.sqlOf(tx);
  const schema = schemaOf(generation);
  await sql`set local lock_timeout to '5s'`;
  if (isAhead) {
    await sql`insert into event_inbox (consumer_group, event_id)
      select ${group}, event_id from ${sql(`${schema}.event_inbox`)} on conflict do nothing`;
  }
  await sql`update ${sql(`${schema}.parked_events`)} set consumer_group = ${group}`;
  await sql`insert into parked_events select * from ${sql(`${schema}.parked_events`)} on conflict do nothing`;
  await sql`insert into jobs (id, kind, key, lane, payload, traceparent, create_time)
    select id, kind, key, lane, payload, traceparent, create_time from ${sql(`${schema}.jobs`)}
    where kind in ${sql(["", ...jobKinds])} on conflict do nothing`;
  await sql`set local search_path to ${sql(schema)}, public`;
  await readModel.carryOver?.(tx);
  await sql`set local search_path to default`;
  const { tables } = readModel;
  await sql`drop table ${sql.unsafe(tables.map((table) => `public."${table}"`).join(", "))}`;
  for (const table of tables) await sql`alter table ${sql(`${schema}.${table}`)} set schema public`;
  await closeGeneration(tx, database, generation);
}

/**
 * Puts a table without columns in the place of each of a generation's, moved ones included. A process that stalled while it
 * worked on them would otherwise be led by their names to those that serve.
 */
export async function closeGeneration(tx: Transaction, database: Database, generation: number): Promise<void> {
  const sql = database.sqlOf(tx);
  const schema = schemaOf(generation);
  const names = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  await dropGeneration(tx, generation);
  await sql`create schema ${sql(schema)}`;
  for (const { name } of names) await sql`create table ${sql(`${schema}.${name}`)} ()`;
}

export async function dropGeneration(tx: Transaction, generation: number): Promise<void> {
  await tx.execute(`drop schema if exists ${schemaOf(generation)} cascade`);
}
