import { join } from "node:path";
import { type Database, openDatabase } from "@lyceum/database";
import { freeDatabase } from "@lyceum/testing";
import { type PassageText, writeSegment, writeVectors } from "@lyceum/text";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adoptModel } from "../model-store.ts";
import { listScope } from "../scope-store.ts";
import { openSearcher, type Searcher } from "./searcher.ts";

const model = "test";
const { signal } = new AbortController();
let database: Database;
let searcher: Searcher;
beforeAll(async () => {
  const migrations = [{ folder: join(import.meta.dirname, "../migrations"), table: "rag_migrations" }];
  database = await openDatabase({ url: await freeDatabase(), applicationName: "searcher test", migrations });
  await database.transaction((tx) => adoptModel(tx, model, "whole"));
  searcher = openSearcher(database, model);
});
afterAll(async () => {
  await searcher[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function put(fileId: string, ownerId: string, passages: PassageText[], vectors?: number[][]): Promise<void> {
  const blob = writeSegment(passages, "english");
  const ids = passages.map((_, at) => `${fileId}_1_${at}`);
  await database.sql`insert into entries ${database.sql({ file_id: fileId, owner_id: ownerId, revision: 1, state: "INDEXED" })}`;
  await database.sql`insert into segments (file_id, revision, size_bytes, blob, passage_ids)
    values (${fileId}, 1, ${blob.length}, ${blob}, ${ids})`;
  if (!vectors) return;
  const stored = writeVectors(vectors, 16);
  await database.sql`insert into vectors (file_id, model, revision, size_bytes, blob)
    values (${fileId}, ${model}, 1, ${stored.length}, ${stored})`;
}

const text = (words: string) => ({ text: words, heading: "" });
const axis = (at: number) => Array.from({ length: 16 }, (_, index) => (index === at ? 1 : 0));

async function search(userId: string, query: string, vector?: number[]) {
  const scope = await listScope(database.db, userId, model);
  const asked = { query, scope, vector: vector && Float32Array.from(vector), weight: 0.5, nearness: 0.5, limit: 100 };
  return searcher.search(asked, signal);
}

test("finds by words and by vectors, and tells how near", async () => {
  await put("a1", "ada", [text("Terns fly."), text("Gulls cry.")], [axis(0), axis(1)]);
  const { hits, segmentCount } = await search("ada", "terns", axis(1));
  expect(hits).toMatchObject([
    { fileId: "a1", revision: 1, passage: 0 },
    { fileId: "a1", revision: 1, passage: 1 },
  ]);
  expect(hits[1]?.cosine).toBeCloseTo(1);
  expect(hits[0]?.cosine).toBeUndefined();
  expect(segmentCount).toBe(1);
});

test("looks into the files of the scope only", async () => {
  for (let at = 0; at < 50; at++) await put(`foreign${at}`, "others", [text("Herons herons herons.")]);
  await put("b1", "grace", [text("A heron stands.")]);
  const { hits, segmentCount } = await search("grace", "herons");
  expect(hits.map(({ fileId }) => fileId)).toEqual(["b1"]);
  expect(segmentCount).toBe(1);
});

test("a large segment arrives in slices", async () => {
  const passages = Array.from({ length: 9_000 }, (_, at) =>
    text(Array.from({ length: 60 }, (_, word) => `w${(at * 61 + word * 7) % 50_000}x`).join(" ")),
  );
  await put("large", "mary", passages);
  const [file] = await listScope(database.db, "mary", model);
  expect(file?.sizeBytes).toBeGreaterThan(2 * 1024 * 1024);
  const { hits } = await search("mary", "w61x w68x w75x");
  expect(hits[0]).toMatchObject({ fileId: "large", passage: 1 });
});

test("vectors of the first passages count while the rest are embedded, and more as they come", async () => {
  await put("grow", "joan", [text("One."), text("Two.")], [axis(2)]);
  expect((await search("joan", "none", axis(3))).hits).toEqual([]);
  const stored = writeVectors([axis(2), axis(3)], 16);
  await database.sql`update vectors set blob = ${stored}, size_bytes = ${stored.length} where file_id = 'grow'`;
  expect((await search("joan", "none", axis(3))).hits).toMatchObject([{ passage: 1 }]);
});

test("a file that is gone between list and search is passed over", async () => {
  await put("gone", "lise", [text("Puffins dive.")]);
  await put("stays", "lise", [text("Puffins nest.")]);
  const scope = await listScope(database.db, "lise", model);
  await database.sql`delete from entries where file_id = 'gone'`;
  const asked = { query: "puffins", scope, vector: undefined, weight: 0, nearness: 0, limit: 10 };
  expect((await searcher.search(asked, signal)).hits.map(({ fileId }) => fileId)).toEqual(["stays"]);
});

test("a damaged segment is named and takes no part", async () => {
  await put("broken", "rosa", [text("Curlews call.")]);
  await put("whole", "rosa", [text("Curlews wade.")]);
  await database.sql`update segments set blob = set_byte(blob, 50, 255 - get_byte(blob, 50)) where file_id = 'broken'`;
  const { hits, damaged } = await search("rosa", "curlews");
  expect(damaged).toEqual(["broken"]);
  expect(hits.map(({ fileId }) => fileId)).toEqual(["whole"]);
});

test("a worker that breaks off is started again, and the search it had is done", async () => {
  await using fragile = openSearcher(database, model, {
    program: new URL("./breaking-worker.testing.ts", import.meta.url),
  });
  const scope = await listScope(database.db, "grace", model);
  const asked = { query: "herons", scope, vector: undefined, weight: 0, nearness: 0, limit: 10 };
  expect((await fragile.search(asked, signal)).hits).toHaveLength(1);
  expect((await fragile.search(asked, signal)).hits).toHaveLength(1);
});

test("a search ends with its signal", async () => {
  const scope = await listScope(database.db, "grace", model);
  const reason = new Error("gone");
  const asked = { query: "herons", scope, vector: undefined, weight: 0, nearness: 0, limit: 10 };
  await expect(searcher.search(asked, AbortSignal.abort(reason))).rejects.toBe(reason);
});
