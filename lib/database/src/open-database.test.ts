import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freeDatabase, tempFolder } from "@lyceum/testing";
import { openDatabaseRelay } from "@lyceum/testing/relay.ts";
import { sql } from "drizzle-orm";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "./client.ts";
import {
  type Database,
  findMissingMigrations,
  isDatabaseUnavailable,
  isUniqueViolation,
  migrateDatabase,
  openDatabase,
  type Transaction,
} from "./index.ts";

async function migrationsWith(statement: string): Promise<string> {
  const folder = await tempFolder();
  await mkdir(join(folder, "meta"));
  await writeFile(join(folder, "0000_initial.sql"), statement);
  const entries = [{ idx: 0, version: "7", when: 1, tag: "0000_initial", breakpoints: true }];
  await writeFile(join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  return folder;
}

async function openWith(statement: string): Promise<Database> {
  const migrations = [{ folder: await migrationsWith(statement), table: "test" }];
  return openDatabase({ url: await freeDatabase(), applicationName: "test", migrations });
}

const counter = "create table counter (id int primary key, n int not null); insert into counter values (1, 0), (2, 0)";

test("applies migrations once when several processes start together", async () => {
  const url = await freeDatabase();
  const folder = await migrationsWith(counter);
  const migrations = [{ folder, table: "test" }];
  const opened = await Promise.all([1, 2, 3].map(() => openDatabase({ url, applicationName: "test", migrations })));
  await Promise.all(opened.map((database) => database[Symbol.asyncDispose]()));
  await using database = await openDatabase({ url, applicationName: "test", migrations });
  expect(await database.sql`select count(*)::int as rows from counter`).toEqual([{ rows: 2 }]);
});

test("tells which migrations are missing, and which it applied", async () => {
  const url = await freeDatabase();
  const migrations = [{ folder: await migrationsWith(counter), table: "test" }];
  const all = [{ table: "test", name: "0000_initial" }];
  expect(await findMissingMigrations(url, migrations)).toEqual(all);
  expect(await migrateDatabase(url, "test", migrations)).toEqual(all);
  expect(await migrateDatabase(url, "test", migrations)).toEqual([]);
  expect(await findMissingMigrations(url, migrations)).toEqual([]);
});

test("refuses a migrations folder that is missing or incomplete", async () => {
  const url = await freeDatabase();
  const open = (folder: string) => openDatabase({ url, applicationName: "test", migrations: [{ folder, table: "t" }] });
  await expect(open("/nowhere")).rejects.toThrow("There are no migrations in /nowhere.");
  const folder = await tempFolder();
  await cp(join(await migrationsWith(counter), "meta"), join(folder, "meta"), { recursive: true });
  await expect(open(folder)).rejects.toThrow(/0000_initial/);
});

test("repeats a transaction that lost a serialization race or a deadlock", async () => {
  await using database = await openWith(counter);
  const add = (first: number, second: number) =>
    database.transaction(async (tx) => {
      await tx.execute(sql`update counter set n = n + 1 where id = ${first}`);
      await tx.execute(sql`select pg_sleep(0.1)`);
      await tx.execute(sql`update counter set n = n + 1 where id = ${second}`);
    });
  await Promise.all([add(1, 2), add(2, 1), add(1, 2)]);
  expect(await database.sql`select sum(n)::int as sum from counter`).toEqual([{ sum: 6 }]);
});

test("runs hooks after the commit only, and drops those of an undone savepoint", async () => {
  await using database = await openWith(counter);
  const seen: string[] = [];
  await database.transaction(async (tx) => {
    database.afterCommit(tx, () => seen.push("outer"));
    await database.savepoint(tx, async (inner) => database.afterCommit(inner, () => seen.push("kept")));
    await expect(
      database.savepoint(tx, async (inner) => {
        database.afterCommit(inner, () => seen.push("undone"));
        await inner.execute(sql`insert into counter values (1, 1)`);
      }),
    ).rejects.toSatisfy((error) => isUniqueViolation(error, "counter_pkey") && !isUniqueViolation(error, "other"));
    expect(seen).toEqual([]);
  });
  await expect(
    database.transaction(async (tx) => {
      database.afterCommit(tx, () => seen.push("rolled back"));
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(seen).toEqual(["outer", "kept"]);
});

test("hears notifications", async () => {
  await using database = await openWith(counter);
  const heard = Promise.withResolvers<string>();
  await using _ = await database.listen("news", heard.resolve);
  await database.sql`select pg_notify('news', 'hello')`;
  expect(await heard.promise).toBe("hello");
});

test("tells a database that can't be reached from a wrong statement", async () => {
  const unreachable = openDatabase({ url: "postgres://a:b@127.0.0.1:1/c", applicationName: "test", migrations: [] });
  await expect(unreachable).rejects.toSatisfy(isDatabaseUnavailable);
  await using database = await openWith(counter);
  await expect(database.db.execute(sql`select nothing`)).rejects.toSatisfy((error) => !isDatabaseUnavailable(error));
});

test("a statement is given up when its server hangs, and the next one gets a new connection", async () => {
  const { relay, url } = await openDatabaseRelay(await freeDatabase());
  onTestFinished(() => relay[Symbol.asyncDispose]());
  const client = createClient(url, { max: 1, silenceMs: 100 });
  onTestFinished(() => client.end({ timeout: 1 }));
  expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
  relay.delay(60_000);
  await expect(client`select 1`).rejects.toSatisfy(isDatabaseUnavailable);
  relay.delay(0);
  expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
});

test("a lease is one process's alone until it is given back", async () => {
  await using database = await openWith(counter);
  const lease = await database.lease("folder");
  expect(await database.lease("folder", 0)).toBeUndefined();
  await lease?.[Symbol.asyncDispose]();
  await using again = await database.lease("folder");
  expect(again).toBeDefined();
});

test("parses what is asked again and again once a connection, but not lists of any length", async () => {
  await using database = await openWith(counter);
  const ask = (ids: readonly number[]) => database.transaction((tx) => listPrepared(tx, ids));
  const listPrepared = async (tx: Transaction, ids: readonly number[]) => {
    const list = sql.join(
      ids.map((id) => sql`${id}`),
      sql`, `,
    );
    for (let count = 0; count < 3; count += 1) await tx.execute(sql`select n from counter where id in (${list})`);
    return tx.execute(sql`select custom_plans::int from pg_prepared_statements where statement like 'select n from%'`);
  };
  expect(await ask(Array.from({ length: 100 }, (_, id) => id))).toEqual([]);
  expect(await ask([1, 2])).toEqual([{ custom_plans: 3 }]);
});
