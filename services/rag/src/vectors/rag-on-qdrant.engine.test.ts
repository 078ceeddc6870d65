import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findReplay, requestReplay } from "@lyceum/service";
import { eventually, tempFolder } from "@lyceum/testing";
import { type QdrantEngine, startQdrantReference } from "@lyceum/testing/engines/qdrant.ts";
import { findFreePort } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readAnswer, startRag, type TestRag } from "../test-rag.ts";

/** Rag's own flow with Qdrant in place of the rows it scans; Qdrant is its reference here, since it is stopped and emptied. */
describe.skipIf(!inject("engines").RAG_QDRANT_URL)("rag with its vectors in Qdrant", () => {
  let folder: string;
  let port: number;
  let qdrant: QdrantEngine;
  let rag: TestRag;
  beforeAll(async () => {
    folder = join(await tempFolder(), "qdrant");
    port = await findFreePort();
    let started = false;
    const starting = startRag({}, { RAG_QDRANT_URL: `http://127.0.0.1:${port}` }).finally(() => {
      started = true;
    });
    // A start waits for Qdrant.
    await sleep(1_000);
    expect(started).toBe(false);
    qdrant = await startQdrantReference(folder, port);
    rag = await starting;
  });
  afterAll(async () => {
    await rag?.[Symbol.asyncDispose]();
    await qdrant?.[Symbol.asyncDispose]();
  });

  const ask = async (path: string, body?: object) => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    return (await (await fetch(`${qdrant.url}${path}`, init)).json()).result;
  };
  const listCollections = async (): Promise<string[]> =>
    (await ask("/collections")).collections.map(({ name }: { name: string }) => name);
  const countPoints = async (fileId: string) => {
    const filter = { must: [{ key: "file_id", match: { value: fileId } }] };
    const counts = await Promise.all(
      (await listCollections()).map((name) => ask(`/collections/${name}/points/count`, { filter, exact: true })),
    );
    return counts.reduce((sum, { count }) => sum + count, 0);
  };
  const find = async (userId: string, query: string) =>
    (await rag.as(userId).search({ query })).passages.map(({ text }) => text);

  test("a passage is found by its meaning alone, by those who may read it, and answers a question", async () => {
    const file = await rag.add("ada", "birds.txt", ["silent", "gulls cry all day"]);
    await rag.add("grace", "shells.txt", ["enlist", "shells lie on the beach"]);
    // The test's embedder counts letters, so that anagrams mean the same.
    expect(await find("ada", "listen")).toEqual(["silent"]);
    expect(await find("mary", "listen")).toEqual([]);
    await rag.share(file, "mary");
    await rag.settled();
    expect(await find("mary", "listen")).toEqual(["silent"]);
    const { text, citations } = await readAnswer(rag.as("ada"), { question: "What do gulls do all day?" });
    expect(text).toContain("gulls cry all day");
    expect(citations[0]?.fileId).toBe(file.id);
  });

  test("a file in the trash is not found, one read anew leaves no old vector, and of a purged one none is left", async () => {
    const file = await rag.add("joan", "tides.txt", ["silent", "tinsel"]);
    await rag.trash(file);
    await rag.settled();
    expect(await find("joan", "listen")).toEqual([]);
    await rag.restore(file);
    await rag.settled();
    expect((await find("joan", "listen")).sort()).toEqual(["silent", "tinsel"]);
    await rag.reparse(file, ["inlets"]);
    expect(await countPoints(file.id)).toBe(1);
    expect(await find("joan", "listen")).toEqual(["inlets"]);
    await rag.purge(file);
    await eventually(async () => expect(await countPoints(file.id)).toBe(0));
  });

  test("while Qdrant is away words find, nothing is given up, and all is caught up after", async () => {
    const purged = await rag.add("lise", "old.txt", ["silent"]);
    await qdrant.kill();
    expect(await find("lise", "silent")).toEqual(["silent"]);
    expect(await find("lise", "listen")).toEqual([]);
    const file = await rag.add("lise", "new.txt", ["gulls tinsel"], "searchable");
    expect(await find("lise", "gulls")).toEqual(["gulls tinsel"]);
    await rag.purge(purged);
    await rag.settled();
    await sleep(2_000);
    expect(rag.eventsOf(file.id)).toEqual(["DocumentSearchable"]);
    qdrant = await startQdrantReference(folder, port);
    await eventually(() => expect(rag.eventsOf(file.id)).toEqual(["DocumentSearchable", "DocumentIndexed"]));
    expect(await find("lise", "slugl listen")).toEqual(["gulls tinsel"]);
    await eventually(async () => expect(await countPoints(purged.id)).toBe(0));
  });

  test("a Qdrant that has lost everything is filled again, and nothing is embedded for it", async () => {
    await rag.add("rosa", "rocks.txt", ["silent"]);
    const [name] = await listCollections();
    await fetch(`${qdrant.url}/collections/${name}`, { method: "DELETE" });
    const embedded = rag.embedded.length;
    expect(await find("rosa", "silent")).toEqual(["silent"]);
    await eventually(async () => expect(await find("rosa", "listen")).toEqual(["silent"]));
    expect(await find("ada", "listen")).toEqual(["silent"]);
    expect(rag.embedded.length).toBe(embedded);
  });

  test("an index built anew from the events finds by meaning as before, and what was purged stays away", async () => {
    const file = await rag.add("anna", "again.txt", ["tinsel"]);
    await rag.reparse(file, ["silent"]);
    const purged = await rag.add("anna", "purged.txt", ["enlist"]);
    await rag.purge(purged);
    await rag.settled();
    const { database } = rag.process.host("rag");
    const { generation } = await requestReplay(database);
    await eventually(async () => expect((await findReplay(database.db, generation))?.state).toBe("SERVING"), {
      timeoutMs: 40_000,
    });
    expect(await find("anna", "listen")).toEqual(["silent"]);
    expect([await countPoints(file.id), await countPoints(purged.id)]).toEqual([1, 0]);
  });

  test("another model fills a collection beside the first, which goes once it has them all", async () => {
    const [first] = await listCollections();
    await using other = await rag.replicate("others");
    const { sql } = other.host("rag").database;
    await eventually(async () => {
      expect(await sql`select model, serving from embedding_models`).toMatchObject([
        { model: "others", serving: true },
      ]);
      const [second, ...more] = await listCollections();
      expect(second).not.toBe(first);
      expect(more).toEqual([]);
    });
  });
});
