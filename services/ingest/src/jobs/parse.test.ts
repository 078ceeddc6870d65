import { DocumentState } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { makePdf } from "@lyceum/testing";
import { afterEach, expect, test } from "vitest";
import type { IngestOptions } from "../service.ts";
import { startIngest, type TestIngest } from "../testing/test-ingest.ts";

const loopingChild = new URL("../testing/looping-child.ts", import.meta.url);
let ingest: TestIngest | undefined;

afterEach(async () => {
  await ingest?.[Symbol.asyncDispose]();
  ingest = undefined;
});

async function start(options: IngestOptions): Promise<TestIngest> {
  ingest = await startIngest(options);
  return ingest;
}

test("an endless loop fails with its reason, while other people's files are read", async () => {
  const { upload, settled } = await start({ limits: { sliceTimeoutMs: 3_000 }, parseChild: loopingChild });
  const loop = await upload("mallory", "loop.txt", "text/plain", "LOOP");
  const good = await upload("ada", "good.pdf", "application/pdf", makePdf([["A good page."]]));
  expect(await settled(good)).toMatchObject({ state: DocumentState.INDEXING, pageCount: 1 });
  expect(await settled(loop, 60_000)).toMatchObject({ state: DocumentState.FAILED, failure: { reason: "TIMEOUT" } });
}, 90_000);

test("one person's twelve files do not keep another's one waiting", async () => {
  const { keep, announce, as, settled, process } = await start({ concurrency: 2, parseChild: loopingChild });
  const many = Array.from({ length: 12 }, (_, n) => keep("mallory", `${n}.txt`, "text/plain", `SLOW ${n}.`));
  await Promise.all(many.map(announce));
  const unfinished = async () =>
    (await as("mallory").listDocuments({ pageSize: 250 })).documents.filter(
      ({ state }) => state !== DocumentState.INDEXING,
    ).length;
  await process.eventually(async () => expect(await unfinished()).toBeGreaterThan(8));
  const one = keep("ada", "one.txt", "text/plain", "One file.");
  await announce(one);
  await settled(one);
  expect(await unfinished()).toBeGreaterThan(3);
  await process.eventually(async () => expect(await unfinished()).toBe(0), { timeoutMs: 30_000 });
});

test("trashing a file stops the reading of it", async () => {
  const { upload, trash, as, process } = await start({ parseChild: loopingChild });
  const file = await upload("ada", "loop.txt", "text/plain", "LOOP");
  const document = async () => (await as("ada").getDocument({ fileId: file.id })).document;
  await process.eventually(async () => expect((await document())?.state).toBe(DocumentState.PARSING));
  await trash(file);
  await process.eventually(async () => expect((await document())?.stage).toBe("stopped"));
  expect((await as("ada").listDocuments({})).documents).toEqual([]);
});

test("cancelling stops the reading, until it is asked for again", async () => {
  const { upload, as, process } = await start({ parseChild: loopingChild });
  const { id: fileId } = await upload("ada", "loop.txt", "text/plain", "LOOP");
  const state = async () => (await as("ada").getDocument({ fileId })).document?.state;
  const isRead = () => process.eventually(async () => expect(await state()).toBe(DocumentState.PARSING));
  const jobs = () => process.host("ingest").database.sql`select 1 from jobs where key = ${fileId}`;
  await isRead();
  const { document } = await as("ada").cancelDocument({ fileId });
  expect(document).toMatchObject({
    state: DocumentState.FAILED,
    fileName: "loop.txt",
    failure: { reason: "CANCELED" },
  });
  expect(await jobs()).toHaveLength(0);
  await as("ada").retryDocument({ fileId });
  await isRead();
  await as("ada").cancelDocument({ fileId });
  expect(await state()).toBe(DocumentState.FAILED);
});

test("a restored file is listed again, and read if the trash stopped that", async () => {
  const { upload, trash, restore, as, process } = await start({ parseChild: loopingChild });
  const file = await upload("ada", "loop.txt", "text/plain", "LOOP");
  const read = await upload("ada", "good.md", "text/markdown", "Good.");
  const states = async () => (await as("ada").listDocuments({})).documents.map(({ state }) => state);
  const { INDEXING, PARSING } = DocumentState;
  await process.eventually(async () => expect(await states()).toEqual([INDEXING, PARSING]));
  for (const each of [file, read]) await trash(each);
  await process.eventually(async () => expect(await states()).toEqual([]));
  for (const each of [file, read]) await restore(each);
  await process.eventually(async () => expect(await states()).toEqual([INDEXING, PARSING]));
});

test("a file whose bytes are lost fails at once", async () => {
  const { keep, announce, settled, reads } = await start({});
  const file = keep("ada", "lost.txt", "text/plain", "Gone.");
  file.isLost = true;
  await announce(file);
  expect(await settled(file)).toMatchObject({ state: DocumentState.FAILED, failure: { reason: "CORRUPT" } });
  expect(reads).toEqual([file.id]);
});

test("progress is seen while a long file is read", async () => {
  const { upload, as, process } = await start({ limits: { pagesPerSlice: 1 } });
  const line = "A line of many that a page has to hold, over and over again, until it is full.";
  const pages = Array.from({ length: 200 }, () => Array<string>(35).fill(line));
  const file = await upload("ada", "long.pdf", "application/pdf", makePdf(pages));
  const seen: number[] = [];
  await process.eventually(
    async () => {
      const { document } = await as("ada").getDocument({ fileId: file.id });
      if (document?.state === DocumentState.PARSING) seen.push(document.progress);
      expect(document?.state).toBe(DocumentState.INDEXING);
    },
    { timeoutMs: 30_000 },
  );
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.some((progress) => progress > 0 && progress < 0.5)).toBe(true);
});
