import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { findReplay, requestReplay, stopReplay } from "@lyceum/service";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRag, type TestRag } from "./test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const found = async (userId: string, query: string) =>
  (await rag.as(userId).search({ query })).passages.map(({ fileName }) => fileName);
const replayed = (generation: number, state: string, database = rag.process.host("rag").database) =>
  rag.process.eventually(async () => expect((await findReplay(database.db, generation))?.state).toBe(state));

/** Every column, constraint and index of the schema that serves. */
async function describeTables(): Promise<unknown> {
  const { db } = rag.process.host("rag").database;
  return [
    ...(await db.execute(sql`
    select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
    where table_schema = 'public'
    union all select conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text, null
    from pg_constraint where connamespace = 'public'::regnamespace
    union all select tablename, indexname, indexdef, null, null from pg_indexes where schemaname = 'public'
    union all select attrelid::regclass::text, attname, attstorage::text, null, null from pg_attribute
    where attrelid in ('segments'::regclass, 'vectors'::regclass) and attnum > 0 order by 1, 2, 3`)),
  ];
}

test("a read model that went wrong is built anew beside it, and then serves; nothing is told again", async () => {
  const { database } = rag.process.host("rag");
  const [puffins, auks] = [
    await rag.add("ada", "puffins.txt", ["Puffins dig burrows."]),
    await rag.add("ada", "auks.txt", ["Auks breed in burrows."]),
  ];
  const trashed = await rag.add("ada", "terns.txt", ["Terns dig no burrows."]);
  const purged = await rag.add("ada", "skuas.txt", ["Skuas watch burrows."]);
  await rag.share(puffins, "ben");
  await rag.join("room", "cleo");
  await rag.shareWithRoom(puffins, "room");
  await rag.trash(trashed);
  await rag.purge(purged);
  await rag.settled();
  const [tables, told] = [await describeTables(), rag.process.events().length];
  await database.sql`delete from grants`;
  await database.sql`delete from segments where file_id = ${auks.id}`;
  await database.sql`update entries set trashed = not trashed, version = 100 where state <> 'PURGED'`;
  expect([await found("ada", "burrows"), await found("ben", "burrows")]).toEqual([[], []]);

  const { generation } = await requestReplay(database);
  expect((await requestReplay(database)).generation).toBe(generation);
  await replayed(generation, "SERVING");

  expect((await found("ada", "burrows")).toSorted()).toEqual(["auks.txt", "puffins.txt"]);
  expect([await found("ben", "burrows"), await found("cleo", "burrows")]).toEqual([["puffins.txt"], ["puffins.txt"]]);
  expect(rag.process.events().length).toBe(told);
  expect(await describeTables()).toEqual(tables);
  expect(await database.sql`select from information_schema.columns where table_schema like 'generation%'`).toEqual([]);
  const versions = await database.sql<{ version: number }[]>`select version::int from entries where state <> 'PURGED'`;
  expect(versions.every(({ version }) => version > 100)).toBe(true);

  await rag.reparse(puffins, ["Puffins dig no tunnels."]);
  await rag.restore(trashed);
  await rag.process.eventually(async () => expect(await found("ada", "tunnels")).toEqual(["puffins.txt"]));
  await rag.process.eventually(async () =>
    expect((await found("ada", "burrows")).toSorted()).toEqual(["auks.txt", "terns.txt"]),
  );
});

test("a process that stalled while it built a generation is led to nothing that serves, once another has put that in its place", async () => {
  const { database } = rag.process.host("rag");
  const stalled = (statement: string) =>
    database.transaction(async (tx) => {
      await database.sqlOf(tx)`set local search_path to generation_1, public`;
      await database.sqlOf(tx).unsafe(statement);
    });
  for (const statement of [
    "update entries set trashed = not trashed",
    "delete from segments where file_id is not null",
    "insert into event_cursors (consumer_group, topic, partition, next_offset) values ('rag.generation_1', 'files.v1', 0, 0)",
    "update jobs set lease = 'stalled' where lease is null",
    "delete from outbox where id is not null",
  ]) {
    await expect(stalled(statement)).rejects.toThrow(/does not exist/);
  }
  expect((await found("ada", "burrows")).toSorted()).toEqual(["auks.txt", "terns.txt"]);
});

test("what the one that serves has not told yet, the new one tells", async () => {
  const { database } = rag.process.host("rag");
  const [auks] = [...rag.files.values()].filter(({ name }) => name === "auks.txt").map(({ id }) => id);
  await database.sql`update entries set state = 'INDEXING' where file_id = ${auks as string}`;
  const told = () => rag.process.events().filter(({ data }) => (data as { fileId?: string }).fileId === auks).length;
  const before = told();
  const { generation } = await requestReplay(database);
  await replayed(generation, "SERVING");
  await rag.process.eventually(() => expect(told()).toBe(before + 2));
  expect(await found("ada", "burrows")).toContain("auks.txt");
});

test("a replay that is stopped keeps its tables until nobody works on them: names never lead it to those that serve", async () => {
  const { database, jobs } = rag.process.host("rag");
  const gate = Promise.withResolvers<void>();
  rag.onStream = () => gate.promise;
  const { generation } = await requestReplay(database);
  await rag.process.eventually(async () =>
    expect((await findReplay(database.db, generation))?.jobs).toBeGreaterThan(0),
  );
  const schemas = () => database.sql`select from pg_namespace where nspname = ${`generation_${generation}`}`;
  expect((await stopReplay(database))?.generation).toBe(generation);
  expect([(await findReplay(database.db, generation))?.state, await stopReplay(database)]).toEqual([
    "STOPPED",
    undefined,
  ]);
  expect(await schemas()).toHaveLength(1);
  rag.onStream = async () => {};
  gate.resolve();
  const drop = (payload: object) =>
    database.transaction((tx) =>
      jobs.enqueue(tx, {
        kind: "drop generation",
        key: `${generation}`,
        payload: { generation, ...payload },
        lane: "",
      }),
    );
  await drop({});
  const columns = () =>
    database.sql`select from information_schema.columns where table_schema = ${`generation_${generation}`}`;
  await rag.process.eventually(async () => expect(await columns()).toHaveLength(0));
  expect(await schemas()).toHaveLength(1);
  await drop({ isClosed: true });
  await rag.process.eventually(async () => expect(await schemas()).toHaveLength(0));
});

test("a replay goes on in another process after the first has ended; what happens meanwhile is in both", async () => {
  const { database } = rag.process.host("rag");
  const gate = Promise.withResolvers<void>();
  rag.onStream = () => gate.promise;
  const { generation } = await requestReplay(database);
  await rag.process.eventually(async () =>
    expect((await findReplay(database.db, generation))?.jobs).toBeGreaterThan(0),
  );
  expect(await found("ada", "burrows")).toContain("auks.txt");
  const auks = [...rag.files.values()].find(({ name }) => name === "auks.txt");
  if (auks) await rag.share(auks, "dora");
  await rag.process.eventually(async () => expect(await found("dora", "burrows")).toEqual(["auks.txt"]));
  await using second = await rag.replicate();
  const other = second.host("rag").database;
  const passed =
    await other.sql`select * from ${other.sql(`generation_${generation}.event_cursors`)} where next_offset > 0`;
  expect(passed.length).toBeGreaterThan(0);
  await rag.process[Symbol.asyncDispose]();
  rag.onStream = async () => {};
  gate.resolve();
  await replayed(generation, "SERVING", other);
  const dora = second.client(RagService, { person: { userId: "dora" } });
  expect((await dora.search({ query: "burrows" })).passages.map(({ fileName }) => fileName)).toEqual(["auks.txt"]);
});
