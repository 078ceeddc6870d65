import { tempFolder } from "@lyceum/testing";
import { canFetch } from "@lyceum/testing/engines/fetch-or-skip.ts";
import { fetchPgBouncer, type PgBouncerEngine, startPgBouncer } from "@lyceum/testing/engines/pgbouncer.ts";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, type EmbeddedPostgres, openDatabase, openEmbeddedPostgres, sqlStateOf } from "./index.ts";

const isThere = await canFetch("PgBouncer", fetchPgBouncer);

describe.skipIf(!isThere)("behind PgBouncer in transaction mode", () => {
  const closing = new AsyncDisposableStack();
  let postgres: EmbeddedPostgres;
  let pooler: PgBouncerEngine;
  let directUrl: string;
  let database: Database;

  beforeAll(async () => {
    postgres = closing.use(await openEmbeddedPostgres({ folder: await tempFolder() }));
    const [files, chat] = [await postgres.urlOf("files"), await postgres.urlOf("chat")];
    directUrl = files;
    pooler = closing.use(await startPgBouncer(await tempFolder(), [files, chat]));
    const pool = { maxConnections: 30, statementTimeoutMs: 700 };
    const options = { url: pooler.urlOf(files), directUrl, applicationName: "pooled", migrations: [], ...pool };
    database = closing.use(await openDatabase(options));
    await database.sql`create table counters (id int primary key, n int not null)`;
    await database.sql`insert into counters select id, 0 from generate_series(1, 10) as id`;
  });
  afterAll(() => closing.disposeAsync());

  test("statements, transactions and savepoints of thirty clients share five sessions", async () => {
    const add = (id: number) =>
      database.transaction(async (tx) => {
        await tx.execute(sql`update counters set n = n + 1 where id = ${id}`);
        await database.savepoint(tx, (inner) => inner.execute(sql`update counters set n = n + 1 where id = ${id}`));
        await database.sqlOf(tx)`select n from counters where id = ${id}`;
      });
    await Promise.all(Array.from({ length: 300 }, (_, index) => add((index % 10) + 1)));
    const reads = Array.from({ length: 300 }, () => database.sql`select sum(n)::int as sum from counters`);
    expect(new Set((await Promise.all(reads)).map(([row]) => row?.sum))).toEqual(new Set([600]));
    const [row] = await database.sql`
      select count(*)::int as sessions from pg_stat_activity where application_name = 'pooled'`;
    expect(row?.sessions).toBeLessThanOrEqual(5);
  });

  test("notifications are heard, and a lease is one process's alone, past the pooler", async () => {
    const heard = Promise.withResolvers<string>();
    await using _listening = await database.listen("news", heard.resolve);
    await database.sql`select pg_notify('news', 'hello')`;
    expect(await heard.promise).toBe("hello");
    const lease = await database.lease("folder");
    expect(await database.lease("folder", 0)).toBeUndefined();
    await lease?.[Symbol.asyncDispose]();
    await using again = await database.lease("folder");
    expect(again).toBeDefined();
  });

  test("a statement that takes too long is ended there as well", async () => {
    const late = await database.sql`select pg_sleep(5)`.then(() => "it ended", sqlStateOf);
    expect(late).toBe("57014");
  });

  test("nothing stays behind in the shared sessions", async () => {
    const look = () => database.sql`
      select (select count(*)::int from pg_prepared_statements) as statements,
        (select count(*)::int from pg_listening_channels()) as channels,
        (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks
      from pg_sleep(0.02)`;
    const seen = (await Promise.all(Array.from({ length: 30 }, look))).map(([row]) => row);
    expect(new Set(seen.map((row) => JSON.stringify(row)))).toEqual(
      new Set(['{"statements":0,"channels":0,"locks":0}']),
    );
  });

  test("a role reaches no database but its own", async () => {
    const foreign = new URL(directUrl);
    foreign.pathname = "/chat";
    for (const url of [foreign.href, pooler.urlOf(foreign.href)]) {
      const open = openDatabase({ url, applicationName: "foreign", migrations: [] });
      await expect(open).rejects.toThrow(/permission denied for database "chat"|no such user|authentication/i);
    }
  });
});
