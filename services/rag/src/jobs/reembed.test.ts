import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { eventually, type TestProcess } from "@lyceum/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeEach(async () => {
  rag = await startRag();
});
afterEach(() => rag[Symbol.asyncDispose]());

const models = async () => {
  const rows = await rag.process.host("rag").database.sql`select model, serving from embedding_models order by model`;
  return rows.map(({ model, serving }) => `${model} ${serving}`);
};
const countVectors = async (model: string) =>
  (await rag.process.host("rag").database.sql`select 1 from vectors where model = ${model}`).length;

test("another model embeds all documents beside the first, and serves once it has them all", async () => {
  const passages = Array.from({ length: 300 }, (_, at) => `Entry ${at} of the seaweed herbarium.`);
  await rag.add("ada", "herbarium.txt", passages);
  await rag.add("grace", "shells.txt", ["Shells lie on the beach."]);
  expect(await models()).toEqual(["letters true"]);
  rag.embedderUp = false;
  await using other = await rag.replicate("others");
  expect(await models()).toEqual(["letters true", "others false"]);
  const search = async ({ client }: TestProcess) =>
    (await client(RagService, { person: { userId: "ada" } }).search({ query: "seaweed" })).passages.length;
  expect(await search(other)).toBeGreaterThan(0);
  expect(await countVectors("letters")).toBe(2);
  rag.embedderUp = true;
  await eventually(async () => expect(await models()).toEqual(["others true"]));
  expect([await countVectors("letters"), await countVectors("others")]).toEqual([0, 2]);
  expect(await search(other)).toBeGreaterThan(0);
  // A process that still runs with the first model finds by words.
  expect(await search(rag.process)).toBeGreaterThan(0);
});

test("a file that was in the trash meanwhile is embedded once it is back", async () => {
  const file = await rag.add("ada", "back.txt", ["Seaweed dries in the sun."]);
  await rag.trash(file);
  await rag.settled();
  // As another model leaves it that has taken the place of the first.
  await rag.process.host("rag").database.sql`delete from vectors`;
  await rag.restore(file);
  await eventually(async () => expect(await countVectors("letters")).toBe(1));
});

test("a crash in the middle costs one document", async () => {
  const files = [await rag.add("ada", "a.txt", ["Dulse is red."]), await rag.add("ada", "b.txt", ["Wrack is brown."])];
  const { sql } = rag.process.host("rag").database;
  await sql`insert into embedding_models (model, serving, cursor) values ('others', false, ${files[0]?.id ?? ""})`;
  await using _other = await rag.replicate("others");
  await eventually(async () => expect(await models()).toEqual(["others true"]));
  const rows = await sql`select file_id from vectors`;
  expect(rows.map(({ file_id }) => file_id)).toEqual([files[1]?.id]);
});
