import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const textsOf = async (userId: string, query: string, fileIds: string[] = []) =>
  (await rag.as(userId).search({ query, fileIds })).passages.map(({ text }) => text);

test("finds the passages that match, the best first, with name and place", async () => {
  const file = await rag.add("ada", "tides.txt", [
    "The tide rises twice a day.",
    "Boats leave at dawn.",
    "A tide table.",
  ]);
  const { passages } = await rag.as("ada").search({ query: "when does the tide rise?" });
  expect(passages[0]).toMatchObject({ fileId: file.id, fileName: "tides.txt", text: "The tide rises twice a day." });
  expect(passages[0]?.locator).toMatchObject({ page: 1, charStart: 0, charEnd: 27 });
  const scores = passages.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect((await rag.as("ada").search({ query: "tide", limit: 1 })).passages).toHaveLength(1);
});

test("the name of a file finds it, and a new name is shown at once", async () => {
  const file = await rag.add("ada", "quarterly-budget.txt", ["Numbers without words."]);
  expect(await textsOf("ada", "quarterly budget")).toContain("Numbers without words.");
  file.name = "renamed.txt";
  const { passages } = await rag.as("ada").search({ query: "numbers without words" });
  expect(passages[0]?.fileName).toBe("renamed.txt");
});

test("the same search gives the same list", async () => {
  const passages = Array.from({ length: 30 }, (_, at) => `Same words in number ${at % 3}.`);
  await rag.add("same", "same.txt", passages);
  const first = await rag.as("same").search({ query: "same words in number 2", limit: 30 });
  for (let round = 0; round < 3; round++) {
    expect(await rag.as("same").search({ query: "same words in number 2", limit: 30 })).toEqual(first);
  }
});

test("nobody finds what is another's", async () => {
  const file = await rag.add("grace", "secret.txt", ["The lighthouse password is kittiwake."]);
  expect(await textsOf("ada", "lighthouse password kittiwake")).toEqual([]);
  expect(await codeOf(textsOf("ada", "kittiwake", [file.id]))).toBe(Code.NotFound);
  expect(await codeOf(textsOf("ada", "kittiwake", ["unknown"]))).toBe(Code.NotFound);
});

test("what is shared is found, and no longer from the query after it was revoked, with caches warm", async () => {
  const file = await rag.add("grace", "shared.txt", ["Herons fish in the estuary."]);
  await rag.share(file, "mary");
  await rag.process.eventually(async () => expect(await textsOf("mary", "herons")).toHaveLength(1));
  await rag.revoke(file, "mary", { tell: false });
  expect(await textsOf("mary", "herons")).toEqual([]);
  expect(await codeOf(textsOf("mary", "herons", [file.id]))).toBe(Code.NotFound);
  expect(await textsOf("grace", "herons")).toHaveLength(1);
});

test("a given file is searched as soon as files says so, before the projection does", async () => {
  const file = await rag.add("grace", "early.txt", ["Curlews call at dusk."]);
  file.readers.add("joan");
  expect(await textsOf("joan", "curlews", [file.id])).toHaveLength(1);
});

test("an old grant does not come back by an event that comes late", async () => {
  const file = await rag.add("grace", "late.txt", ["Plovers nest on shingle."]);
  await rag.share(file, "kate");
  const { version } = file;
  await rag.revoke(file, "kate");
  file.version = version - 1;
  await rag.share(file, "kate");
  file.readers.delete("kate");
  await rag.settled();
  expect(await textsOf("kate", "plovers")).toEqual([]);
});

test("a deleted file is gone from the next query, with caches warm, for its owner too", async () => {
  const file = await rag.add("grace", "deleted.txt", ["Puffins burrow in turf."]);
  await rag.share(file, "mary");
  await rag.process.eventually(async () => expect(await textsOf("mary", "puffins")).toHaveLength(1));
  expect(await textsOf("grace", "puffins")).toHaveLength(1);
  await rag.trash(file, { tell: false });
  expect(await textsOf("grace", "puffins")).toEqual([]);
  expect(await textsOf("mary", "puffins")).toEqual([]);
  await rag.trash(file);
  await rag.process.eventually(async () => expect(await textsOf("grace", "puffins")).toEqual([]));
});

test("what may not be read is made up for by the next best", async () => {
  const gone = await Promise.all(
    Array.from({ length: 4 }, (_, at) =>
      rag.add("lise", `gone ${at}.txt`, ["Gannets dive, gannets dive, gannets dive."]),
    ),
  );
  await rag.add("lise", "there.txt", ["One gannet among many other birds of the coast."]);
  for (const file of gone) file.trashed = true;
  const { passages } = await rag.as("lise").search({ query: "gannets", limit: 2 });
  expect(passages.map(({ fileName }) => fileName)).toEqual(["there.txt"]);
});

test("a file read anew is found by its new words only", async () => {
  const file = await rag.add("ada", "draft.txt", ["The first draft speaks of ospreys."]);
  await rag.reparse(file, ["The second draft speaks of kestrels."]);
  expect(await textsOf("ada", "ospreys", [file.id])).toEqual([]);
  expect(await textsOf("ada", "kestrels", [file.id])).toHaveLength(1);
});

test("without the embedder, words alone find", async () => {
  await rag.add("ada", "words.txt", ["Avocets wade in brackish pools."]);
  rag.embedderUp = false;
  expect((await textsOf("ada", "avocets"))[0]).toContain("Avocets");
  rag.embedderUp = true;
});
