import { randomUUID } from "node:crypto";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { findNear } from "../find-near.ts";
import { listScope } from "../scope-store.ts";
import { startRag, type TestRag } from "../test-rag.ts";
import { pointId } from "./point-id.ts";
import { connectQdrant } from "./qdrant.ts";
import { openQdrantIndex } from "./qdrant-index.ts";
import type { VectorIndex, VectorQuery } from "./vector-index.ts";

const { RAG_QDRANT_URL: url, RAG_QDRANT_API_KEY: apiKey } = inject("engines");
const never = new AbortController().signal;
const namespace = `large-${randomUUID().slice(0, 8)}.`;
const model = "large";
const own = 5_200;
const dimensions = 8;
const random = createRandom(5);
const vectors = Array.from({ length: own + 10 }, () => {
  const vector = Float32Array.from({ length: dimensions }, () => random(2_001) / 1_000 - 1);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
});
/** The last ten are another's, who shares the first of them. */
const ownerOf = (at: number) => (at < own ? "ada" : "ben");
const isTrashed = (at: number) => at < own && at % 100 === 0;
const isReadable = (at: number) => (at < own && !isTrashed(at)) || at === own;

describe.skipIf(!url)("a library of 5,200 files in Qdrant", () => {
  let rag: TestRag;
  let index: VectorIndex;

  beforeAll(async () => {
    rag = await startRag();
    const { sql } = rag.process.host("rag").database;
    const rows = vectors.map((_, at) => ({ id: `file-${at}`, owner: ownerOf(at), trashed: isTrashed(at) }));
    await sql`insert into entries (file_id, owner_id, revision, state, trashed)
      select id, owner, 1, 'INDEXED', trashed from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as file(id text, owner text, trashed bool)`;
    await sql`insert into segments (file_id, revision, size_bytes, blob, passage_ids)
      select file_id, 1, 0, '', array[file_id || '_1_0'] from entries`;
    await sql`insert into vectors (file_id, model, revision, size_bytes, blob)
      select file_id, ${model}, 1, ${dimensions}, '' from entries`;
    await sql`insert into embedding_models (model, serving) values (${model}, true)`;
    await sql`insert into grants (file_id, principal, active, version) values (${`file-${own}`}, 'user:ada', true, 1)`;

    const options = { url: url ?? "", apiKey, namespace };
    index = await openQdrantIndex(options, { model, onLost: () => {} });
    await index.put({ fileId: "file-0", ownerId: "ada", revision: 1 }, 0, vectors.slice(0, 1), never);
    await index.switchTo(never);
    const qdrant = connectQdrant(options);
    const [collection = ""] = (await qdrant.listCollections(never)).filter((name) => name.startsWith(namespace));
    const points = vectors.map((vector, at) => ({
      id: pointId(`file-${at}`, 1, 0, model),
      vector: Array.from(vector),
      payload: { owner_id: ownerOf(at), file_id: `file-${at}`, revision: 1, passage: 0 },
    }));
    for (let at = 0; at < points.length; at += 500) {
      await qdrant.upsert(collection, points.slice(at, at + 500), never);
    }
  }, 120_000);
  afterAll(async () => {
    await index?.dropModel(model, never);
    await rag?.[Symbol.asyncDispose]();
  });

  const nearest = (query: Float32Array) =>
    vectors
      .map((vector, at) => ({ at, cosine: vector.reduce((sum, value, axis) => sum + value * (query[axis] ?? 0), 0) }))
      .filter(({ at }) => isReadable(at))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 10)
      .map(({ at }) => `file-${at}`);

  test("is searched as its owner's, without what is in the trash and with what others share", async () => {
    const { database, log } = rag.process.host("rag");
    const asked: VectorQuery[] = [];
    const watched: VectorIndex = {
      ...index,
      find: (query, signal) => {
        asked.push(query);
        return index.find(query, signal);
      },
    };
    const scope = await listScope(database.db, "ada", model);
    for (const at of [1, 100, own, own + 1]) {
      const vector = vectors[at] as Float32Array;
      const query = { readerId: "ada", vector, scope, limit: 10 };
      const { near } = await findNear({ vectors: watched, database, log }, query, never);
      expect(near?.map(({ fileId }) => fileId)).toEqual(nearest(vector));
    }
    expect(asked.map(({ library }) => [library?.ownerId, library?.without.length])).toEqual(
      Array.from({ length: 4 }, () => ["ada", own / 100]),
    );
  });
});
