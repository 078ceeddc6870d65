import { writeSegment } from "@lyceum/text";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listRoomScope, listScope } from "./scope-store.ts";
import { startRag, type TestRag } from "./test-rag.ts";

const foreignCount = 10_000;
let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
  const { sql } = rag.process.host("rag").database;
  const blob = writeSegment([{ text: "Terns terns terns, the best match for terns.", heading: "terns" }], "english");
  await sql`insert into entries (file_id, owner_id, revision, state)
    select 'foreign-' || at, 'owner-' || at % 100, 1, 'INDEXED' from generate_series(1, ${foreignCount}) at`;
  await sql`insert into segments (file_id, revision, size_bytes, blob, passage_ids)
    select file_id, 1, ${blob.length}, ${blob}, array[file_id || '_1_0'] from entries`;
  await sql`insert into grants (file_id, principal, active, version)
    select 'foreign-' || at, 'room:room-' || at % 5000, true, 1 from generate_series(1, ${foreignCount}) at`;
  await sql`insert into room_members (room_id, user_id, active, version)
    select 'room-' || at % 5000, 'owner-' || at % 100, true, 1 from generate_series(1, ${foreignCount}) at
    on conflict do nothing`;
  await sql`analyze`;
}, 60_000);
afterAll(() => rag[Symbol.asyncDispose]());

test("one readable file among 10,000 better-matching foreign ones is found, and no other is touched", async () => {
  const file = await rag.add("ada", "birds.txt", [
    "Some tern or other may pass here in a long sentence about the weather.",
  ]);
  const { passages } = await rag.as("ada").search({ query: "terns", limit: 100 });
  expect(passages.map(({ fileId }) => fileId)).toEqual([file.id]);
  const { database } = rag.process.host("rag");
  expect(await listScope(database.db, "ada", "letters")).toMatchObject([{ fileId: file.id, revision: 1 }]);
});

test("the score of a passage does not tell what others have", async () => {
  const alone = await rag.add("grace", "alone.txt", ["One tern passes.", "Another bird sits.", "The weather changes."]);
  const before = await rag.as("grace").search({ query: "terns" });
  const { sql } = rag.process.host("rag").database;
  await sql`delete from entries where file_id like 'foreign-%' and owner_id = 'owner-1'`;
  expect(await rag.as("grace").search({ query: "terns" })).toEqual(before);
  expect(before.passages[0]?.fileId).toBe(alone.id);
});

test.each(["own", "room"])(
  "what Postgres reads for the scope of one's %s does not grow with what others have",
  async (kind) => {
    const { database } = rag.process.host("rag");
    const room = { roomId: "room-1", memberIds: ["ada", "grace", "lise"], askerId: "ada" };
    const query =
      kind === "own" ? listScope(database.db, "ada", "letters") : listRoomScope(database.db, room, "letters");
    const { sql: text, params } = (query as unknown as { toSQL(): { sql: string; params: string[] } }).toSQL();
    const rows = await database.sql.unsafe(`explain (analyze, format json) ${text}`, params);
    const plan = JSON.stringify(rows[0]?.["QUERY PLAN"]);
    const rowsRead = [...plan.matchAll(/"Actual Rows":\s*([\d.]+)/g)].map(([, count]) => Number(count));
    expect(rowsRead.length).toBeGreaterThan(3);
    expect(Math.max(...rowsRead)).toBeLessThan(20);
    expect(plan).not.toMatch(/"Seq Scan".{0,200}"Relation Name": "(?:entries|segments|grants|room_members)"/);
  },
);
