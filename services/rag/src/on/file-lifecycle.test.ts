import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAnswer, startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const countFound = async (userId: string, query: string) => (await rag.as(userId).search({ query })).passages.length;
const eventually = (assertion: () => Promise<void> | void) => rag.process.eventually(assertion);

test("a file that comes back from the trash is found again, without being indexed anew", async () => {
  const file = await rag.add("ada", "back.txt", ["Cormorants dry their wings."]);
  await rag.trash(file);
  await rag.settled();
  expect(await countFound("ada", "cormorants")).toBe(0);
  const events = rag.eventsOf(file.id);
  await rag.restore(file);
  await eventually(async () => expect(await countFound("ada", "cormorants")).toBe(1));
  await rag.settled();
  expect(rag.eventsOf(file.id)).toEqual(events);
});

test("what the trash stopped goes on after it", async () => {
  rag.embedderUp = false;
  const halfway = await rag.add("ada", "half.txt", ["Guillemots nest on ledges."], "searchable");
  const unread = await rag.put("ada", "unread.txt", ["Razorbills nest in crevices."]);
  await rag.trash(halfway);
  await rag.trash(unread);
  await rag.settled();
  rag.embedderUp = true;
  await rag.restore(halfway);
  await rag.restore(unread);
  for (const file of [halfway, unread]) {
    await eventually(() => expect(rag.eventsOf(file.id)).toContain("DocumentIndexed"));
  }
  expect(await countFound("ada", "nest")).toBe(2);
});

test("a document read while its file was in the trash is indexed once it is back", async () => {
  const file = await rag.put("ada", "trashed.txt", ["Fulmars glide."]);
  await rag.trash(file);
  await rag.settled();
  file.revision = 2;
  const { id: fileId, ownerId } = file;
  await rag.publish(documentParsed({ fileId, ownerId, revision: 2, passageCount: 1, version: 2 }));
  await rag.settled();
  expect(rag.eventsOf(fileId)).not.toContain("DocumentIndexed");
  await rag.restore(file);
  await eventually(async () => expect(await countFound("ada", "fulmars")).toBe(1));
});

test("an older event of the trash does not undo a newer one", async () => {
  const file = await rag.add("ada", "order.txt", ["Kittiwakes call their name."]);
  await rag.trash(file);
  await rag.restore(file);
  const { id: fileId, ownerId, version } = file;
  await rag.publish(fileDeleted({ fileId, ownerId, version: version - 1 }));
  await rag.settled();
  expect(await countFound("ada", "kittiwakes")).toBe(1);
});

test("a new name finds a file, the old one no longer, and nobody is told of an index", async () => {
  const file = await rag.add("ada", "albatross-ledger.txt", ["Numbers without words."]);
  expect(await countFound("ada", "albatross")).toBe(1);
  const events = rag.eventsOf(file.id);
  await rag.rename(file, "shearwater-ledger.txt");
  await eventually(async () => expect(await countFound("ada", "shearwater")).toBe(1));
  expect(await countFound("ada", "albatross")).toBe(0);
  await rag.settled();
  expect(rag.eventsOf(file.id)).toEqual(events);
});

test("a file that only lies elsewhere is not read again", async () => {
  const file = await rag.add("ada", "moved.txt", ["Skuas rob terns."]);
  let streamed = 0;
  rag.onStream = async () => {
    streamed += 1;
  };
  await rag.rename(file, "moved.txt");
  await eventually(async () => {
    const { sql } = rag.process.host("rag").database;
    const [entry] = await sql`select file_version::int as version from entries where file_id = ${file.id}`;
    const jobs = await sql`select 1 from jobs where key = ${file.id}`;
    expect([entry?.version, jobs.length]).toEqual([file.version, 0]);
  });
  rag.onStream = async () => {};
  expect(streamed).toBe(0);
});

test("of a purged file nothing is left, in the index or in answers, and nothing late brings it back", async () => {
  const file = await rag.add("grace", "purged.txt", ["Petrels walk on water."]);
  await rag.share(file, "mary");
  await eventually(async () => expect(await countFound("mary", "petrels")).toBe(1));
  const { retrieved } = await readAnswer(rag.as("mary"), { question: "Who walks on water? Petrels?" });
  await rag.trash(file);
  await rag.purge(file);
  const { id: fileId, ownerId } = file;
  const late = { fileId, ownerId, version: 99 };
  await eventually(async () => expect(await leftOf(fileId)).toEqual({ segments: 0, vectors: 0, grants: 0, cited: 0 }));
  rag.files.set(fileId, { ...file, trashed: false });
  await rag.publish(fileRestored(late));
  await rag.publish(documentParsed({ ...late, revision: 1, passageCount: 1 }));
  const grant = { ...late, grantId: "late", principal: "user:mary", role: "READER" } as const;
  await rag.publish(accessGranted(grant));
  await rag.settled();
  expect(await leftOf(fileId)).toEqual({ segments: 0, vectors: 0, grants: 0, cited: 0 });
  expect(await countFound("grace", "petrels")).toBe(0);
  const { answer } = await rag.as("mary").getAnswer({ answerId: retrieved.answerId });
  expect(answer?.text).not.toContain("Petrels");
  expect(answer?.citations).toMatchObject([{ number: 1, fileId, quote: "", passageId: "" }]);
});

test("a file purged before it was ever heard of stays away", async () => {
  const file = await rag.put("grace", "early.txt", []);
  await rag.purge(file);
  const { id: fileId, ownerId } = file;
  await rag.settled();
  await rag.publish(documentParsed({ fileId, ownerId, revision: 2, passageCount: 1, version: 2 }));
  await rag.settled();
  expect(await leftOf(fileId)).toEqual({ segments: 0, vectors: 0, grants: 0, cited: 0 });
});

test("a file purged while it is embedded leaves no vectors", async () => {
  const passages = Array.from({ length: 600 }, (_, at) => `Sighting ${at} of the gannet.`);
  const file = await rag.put("grace", "sightings.txt", passages);
  await eventually(() => expect(rag.embedded.filter((text) => text.includes("gannet")).length).toBeGreaterThan(16));
  await rag.purge(file);
  await rag.settled();
  expect(await leftOf(file.id)).toEqual({ segments: 0, vectors: 0, grants: 0, cited: 0 });
});

async function leftOf(fileId: string) {
  const { sql } = rag.process.host("rag").database;
  const [row] = await sql`select
    (select count(*)::int from segments where file_id = ${fileId}) as segments,
    (select count(*)::int from vectors where file_id = ${fileId}) as vectors,
    (select count(*)::int from grants where file_id = ${fileId}) as grants,
    (select count(*)::int from citations where file_id = ${fileId} and quote_hash <> '') as cited`;
  return { ...row };
}
