import { join } from "node:path";
import { type Database, openDatabase } from "@lyceum/database";
import { freeDatabase } from "@lyceum/testing";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { writeSegment, writeVectors } from "@lyceum/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putSegment, putVectors } from "../index-store.ts";
import { adoptModel } from "../model-store.ts";
import { listGivenFiles, listScope, putGrant, type ScopeFile } from "../scope-store.ts";
import { openSearcher, type Searcher } from "../searching/searcher.ts";
import type { VectorIndex } from "./vector-index.ts";

const never = new AbortController().signal;
const model = "first";

/** How an engine of the port is opened, and how much it is given to hold. */
export type VectorIndexTest = {
  readonly open: (model: string) => Promise<VectorIndex>;
  readonly dimensions: number;
  readonly passagesPerFile: number;
};

type Stored = { readonly fileId: string; readonly ownerId: string; readonly vectors: Float32Array[] };

/** What every engine of the port must do, seen through the search it is for. */
export function testVectorIndex(engine: string, { open, dimensions, passagesPerFile }: VectorIndexTest): void {
  describe(`VectorIndex on ${engine}`, () => {
    const random = createRandom(7);
    const stored = new Map<string, Stored>();
    let database: Database;
    let searcher: Searcher;
    let index: VectorIndex;

    const near = (centre: ArrayLike<number>, spread: number) => {
      const vector = Float32Array.from({ length: dimensions }, (_, at) => {
        const noise = (random(2_001) + random(2_001) + random(2_001)) / 3_000 - 1;
        return (centre[at] ?? 0) + noise * spread;
      });
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    };

    /** Stores a file as its jobs would: its vectors lie about the file's own topic. */
    async function put(
      fileId: string,
      ownerId: string,
      { count = passagesPerFile, revision = 1 } = {},
    ): Promise<Stored> {
      const topic = near([], 1);
      const vectors = Array.from({ length: count }, () => near(topic, 0.7));
      await store(fileId, ownerId, vectors, revision);
      await index.put({ fileId, ownerId, revision }, 0, vectors, never);
      const file = { fileId, ownerId, vectors };
      stored.set(fileId, file);
      return file;
    }
    async function store(fileId: string, ownerId: string, vectors: Float32Array[], revision: number, by = model) {
      const blob = writeSegment(
        vectors.map(() => ({ text: "", heading: "" })),
        "english",
      );
      const passageIds = vectors.map((_, at) => `${fileId}_${revision}_${at}`);
      await database.transaction(async (tx) => {
        const sql = database.sqlOf(tx);
        await sql`insert into entries (file_id, owner_id, revision, state) values (${fileId}, ${ownerId}, ${revision}, 'INDEXED')
          on conflict (file_id) do update set revision = excluded.revision`;
        await putSegment(tx, fileId, revision, { blob, passageIds, nameHash: "" });
        await putVectors(tx, fileId, by, revision, writeVectors(vectors, vectors[0]?.length ?? 0));
      });
    }

    /** A search in which only vectors count: `file passage`, the best first. */
    async function search(scope: readonly ScopeFile[], vector: Float32Array, { by = index, limit = 10 } = {}) {
      const found = await by.find({ vector, scope, limit: Math.max(limit, 100) }, never);
      const dense = found ? { vector: undefined, near: found } : { vector };
      const asked = { query: "", scope, ...dense, weight: 1, nearness: -1, limit };
      const { hits } = await searcher.search(asked, never);
      return hits.map(({ fileId, passage }) => `${fileId} ${passage}`);
    }

    function nearest(allowed: readonly string[], vector: Float32Array): string[] {
      const cosines = allowed.flatMap((fileId) =>
        (stored.get(fileId)?.vectors ?? []).map((other, passage) => ({
          name: `${fileId} ${passage}`,
          cosine: other.reduce((sum, value, at) => sum + value * (vector[at] as number), 0),
        })),
      );
      return cosines
        .sort((a, b) => b.cosine - a.cosine)
        .slice(0, 10)
        .map(({ name }) => name);
    }

    async function expectExact(scope: readonly ScopeFile[], allowed: readonly string[]): Promise<void> {
      expect(scope.map(({ fileId }) => fileId).sort()).toEqual([...allowed].sort());
      const passages = allowed.flatMap((fileId) => stored.get(fileId)?.vectors ?? []);
      let recalled = 0;
      let wanted = 0;
      for (let round = 0; round < 20; round++) {
        const vector = near(passages[random(passages.length)] ?? [], 0.3);
        const found = await search(scope, vector);
        const exact = nearest(allowed, vector);
        expect(found.filter((name) => !allowed.includes(name.split(" ")[0] as string))).toEqual([]);
        recalled += exact.filter((name) => found.includes(name)).length;
        wanted += exact.length;
      }
      expect(recalled / wanted).toBeGreaterThanOrEqual(0.98);
    }

    const idsOf = (owner: string, count: number) => Array.from({ length: count }, (_, at) => `${owner}-${at}`);
    const ofAda = idsOf("ada", 12);
    const ofGrace = idsOf("grace", 4);
    const shared = ofAda.slice(0, 2);

    beforeAll(async () => {
      const migrations = [{ folder: join(import.meta.dirname, "../migrations"), table: "rag_migrations" }];
      database = await openDatabase({ url: await freeDatabase(), applicationName: "vector test", migrations });
      searcher = openSearcher(database, model);
      index = await open(model);
      await database.transaction(async (tx) => adoptModel(tx, model, await index.readFullness(never)));
      await index.switchTo(never);
      for (const fileId of ofAda) await put(fileId, "ada");
      for (const fileId of ofGrace) await put(fileId, "grace");
      await put("mary-0", "mary");
      await database.transaction(async (tx) => {
        for (const fileId of shared) await putGrant(tx, { fileId, principal: "user:grace", active: true, version: 2 });
      });
    }, 600_000);
    afterAll(async () => {
      await index.dropModel(model, never);
      await index[Symbol.asyncDispose]();
      await searcher[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    });

    it("finds what an exact scan finds, among one's own files", async () => {
      await expectExact(await listScope(database.db, "ada", model), ofAda);
    });

    it("finds what an exact scan finds, among one's own files and those shared with one", async () => {
      await expectExact(await listScope(database.db, "grace", model), [...ofGrace, ...shared]);
    });

    it.each([[ofAda.slice(3, 6)], [["mary-0"]], [["ada-1", "grace-1", "mary-0"]]])(
      "finds what an exact scan finds, in the files %s",
      async (fileIds) => {
        await expectExact(await listGivenFiles(database.db, fileIds, model), fileIds);
      },
    );

    it("gives nothing of a file in the trash, and all of it afterwards", async () => {
      await database.sql`update entries set trashed = true where file_id = 'ada-5'`;
      await expectExact(
        await listScope(database.db, "ada", model),
        ofAda.filter((fileId) => fileId !== "ada-5"),
      );
      await database.sql`update entries set trashed = false where file_id = 'ada-5'`;
      await expectExact(await listScope(database.db, "ada", model), ofAda);
    });

    it("holds a passage once, however often it is put", async () => {
      const { vectors, fileId, ownerId } = await put("twice-0", "twice", { count: 5 });
      await index.put({ fileId, ownerId, revision: 1 }, 0, vectors, never);
      await index.put({ fileId, ownerId, revision: 1 }, 3, vectors.slice(3), never);
      const scope = await listScope(database.db, "twice", model);
      const found = await search(scope, vectors[0] as Float32Array, { limit: 100 });
      expect(found.sort()).toEqual(vectors.map((_, at) => `twice-0 ${at}`));
      expect(await index.holds({ fileId, revision: 1 }, 5, never)).toBe(true);
    });

    it("gives nothing of a revision that was replaced, before it is forgotten and after", async () => {
      const { vectors: old } = await put("anew-0", "anew", { count: 9 });
      const { vectors } = await put("anew-0", "anew", { count: 4, revision: 2 });
      const scope = await listScope(database.db, "anew", model);
      expect((await search(scope, old[8] as Float32Array)).length).toBe(4);
      await index.forget("anew-0", 2, never);
      expect((await search(scope, vectors[3] as Float32Array))[0]).toBe("anew-0 3");
      expect((await search(scope, old[8] as Float32Array)).length).toBe(4);
    });

    it("gives nothing of a file that was forgotten, and forgets what is not there without complaint", async () => {
      const { vectors } = await put("gone-0", "gone", { count: 3 });
      await put("gone-1", "gone", { count: 3 });
      await database.sql`delete from vectors where file_id = 'gone-0'`;
      await index.forget("gone-0", undefined, never);
      await index.forget("nowhere", undefined, never);
      const found = await search(await listScope(database.db, "gone", model), vectors[0] as Float32Array);
      expect(found.map((name) => name.split(" ")[0])).toEqual(["gone-1", "gone-1", "gone-1"]);
    });

    it("finds nothing near a vector of other dimensions, and keeps what it has from mixing with them", async () => {
      const [known] = stored.get("mary-0")?.vectors ?? [];
      const foreign = new Float32Array(dimensions + 16).fill(1);
      const scope = await listScope(database.db, "mary", model);
      expect(await search(scope, foreign)).toEqual([]);
      await store("mary-1", "mary", [foreign], 1);
      const put = index.put({ fileId: "mary-1", ownerId: "mary", revision: 1 }, 0, [foreign], never);
      await put.catch((error) => expect(error).toMatchObject({ name: "VectorMismatchError" }));
      const found = await search(await listScope(database.db, "mary", model), known as Float32Array);
      expect([found[0], found.includes("mary-1 0")]).toEqual(["mary-0 0", false]);
    });

    it("keeps the vectors of another model beside those of the first, and serves either", async () => {
      await using second = await open("second");
      const vectors = [near([], 1), near([], 1)];
      await store("other-0", "other", vectors, 1, "second");
      await second.switchTo(never);
      await second.put({ fileId: "other-0", ownerId: "other", revision: 1 }, 0, vectors, never);
      await database.transaction(async (tx) => {
        await adoptModel(tx, "second", "whole");
        await database.sqlOf(tx)`update embedding_models set serving = true where model = 'second'`;
      });
      const [file] = await listScope(database.db, "other", "second");
      expect(file?.vectorBytes).toBeGreaterThan(0);
      await using bySecond = openSearcher(database, "second");
      const scope = await listScope(database.db, "other", "second");
      const vector = vectors[1] as Float32Array;
      const found = await second.find({ vector, scope, limit: 10 }, never);
      const dense = found ? { vector: undefined, near: found } : { vector };
      const asked = { query: "", scope, ...dense, weight: 1, nearness: -1, limit: 1 };
      expect((await bySecond.search(asked, never)).hits).toMatchObject([{ fileId: "other-0", passage: 1 }]);
      expect(await search(await listScope(database.db, "other", model), vector)).toEqual([]);
      await second.dropModel("second", never);
      await expectExact(await listScope(database.db, "ada", model), ofAda);
    });

    it("ends each call with its signal", async () => {
      const reason = new Error("nobody waits");
      const signal = AbortSignal.abort(reason);
      const scope = await listScope(database.db, "ada", model);
      const vector = near([], 1);
      const file = { fileId: "late", ownerId: "ada", revision: 1 };
      for (const call of [
        index.find({ vector, scope, limit: 10 }, signal),
        index.put(file, 0, [vector], signal),
        index.holds(file, 1, signal),
        index.forget("late", undefined, signal),
        index.readFullness(signal),
      ]) {
        await expect(call).rejects.toBe(reason);
      }
    });
  });
}
