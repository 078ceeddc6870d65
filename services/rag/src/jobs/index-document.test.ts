import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const countFound = async (userId: string, query: string) => (await rag.as(userId).search({ query })).passages.length;

test("words are searchable before there are vectors", async () => {
  rag.embedderUp = false;
  const file = await rag.add("ada", "long.txt", ["Sextants measure angles."], "searchable");
  expect(await countFound("ada", "sextants")).toBe(1);
  expect(rag.eventsOf(file.id)).toEqual(["DocumentSearchable"]);
  rag.embedderUp = true;
  await rag.process.eventually(() => expect(rag.eventsOf(file.id)).toEqual(["DocumentSearchable", "DocumentIndexed"]));
});

test("the same event twice indexes once, and an older revision never replaces a newer one", async () => {
  const file = await rag.add("ada", "twice.txt", ["Astrolabes."]);
  await rag.reparse(file, ["Quadrants."]);
  const events = rag.eventsOf(file.id);
  const parsed = { fileId: file.id, ownerId: "ada", passageCount: 1 };
  await rag.publish(documentParsed({ ...parsed, revision: 2, version: 2 }));
  await rag.publish(documentParsed({ ...parsed, revision: 1, version: 1 }));
  await rag.settled();
  expect(rag.eventsOf(file.id)).toEqual(events);
  expect(await countFound("ada", "quadrants")).toBe(1);
});

test("the same passage is embedded once a document", async () => {
  await rag.add("ada", "repeated.txt", Array(40).fill("Terms and conditions apply to barometers."));
  expect(rag.embedded.filter((text) => text.includes("barometers"))).toHaveLength(1);
});

test("an index that was broken off goes on, and embeds nothing twice", async () => {
  const passages = Array.from({ length: 600 }, (_, at) => `Log entry ${at} of the chronometer.`);
  const { embedded } = rag;
  const before = embedded.length;
  const isMine = (text: string) => text.includes("chronometer");
  const watch = setInterval(() => {
    if (embedded.slice(before).filter(isMine).length >= 400) rag.embedderUp = false;
  }, 1);
  const file = await rag.put("ada", "log.txt", passages);
  await rag.process.eventually(() => expect(rag.embedderUp).toBe(false));
  clearInterval(watch);
  rag.embedderUp = true;
  await rag.process.eventually(() => expect(rag.eventsOf(file.id)).toContain("DocumentIndexed"));
  // What was not stored yet when it broke off, at most 256 passages, is embedded again.
  expect(embedded.slice(before).filter(isMine).length).toBeLessThan(600 + 272);
  expect(await countFound("ada", "chronometer 599")).toBeGreaterThan(0);
});

test("a file that went to the trash is not indexed by what comes late", async () => {
  const file = await rag.put("ada", "late.txt", ["Compasses."]);
  await rag.trash(file);
  await rag.process.eventually(async () => expect(await countFound("ada", "compasses")).toBe(0));
  file.revision = 2;
  await rag.publish(documentParsed({ fileId: file.id, ownerId: "ada", revision: 2, passageCount: 1, version: 2 }));
  await rag.settled();
  file.trashed = false;
  expect(await countFound("ada", "compasses")).toBe(0);
});

test("a document without passages is indexed, and finds nothing", async () => {
  const file = await rag.add("ada", "empty.txt", []);
  expect(rag.eventsOf(file.id)).toEqual(["DocumentSearchable", "DocumentIndexed"]);
});

test("a damaged segment is indexed again", async () => {
  const file = await rag.add("mary", "damaged.txt", ["Theodolites stand on tripods."]);
  const { sql } = rag.process.host("rag").database;
  await sql`update segments set blob = set_byte(blob, 60, 255 - get_byte(blob, 60)) where file_id = ${file.id}`;
  expect(await countFound("mary", "theodolites")).toBe(0);
  await rag.process.eventually(async () => expect(await countFound("mary", "theodolites")).toBe(1));
});

test("damaged vectors are made again, and words find meanwhile", async () => {
  const file = await rag.add("lise", "vectors.txt", ["Planimeters measure areas."]);
  const { sql } = rag.process.host("rag").database;
  await sql`update vectors set blob = set_byte(blob, 60, 255 - get_byte(blob, 60)) where file_id = ${file.id}`;
  expect(await countFound("lise", "planimeters")).toBe(1);
  const indexed = () => rag.eventsOf(file.id).filter((type) => type === "DocumentIndexed").length;
  await rag.process.eventually(() => expect(indexed()).toBe(2));
});

test("a long document is analysed in a thread of its own", async () => {
  const passages = Array.from({ length: 300 }, (_, at) => `Volume ${at}. ${"The almanac lists stars. ".repeat(40)}`);
  await rag.add("joan", "almanac.txt", passages, "searchable");
  expect(await countFound("joan", "almanac volume 7")).toBe(10);
});
