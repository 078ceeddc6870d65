import { expect, test } from "vitest";
import {
  canceled,
  failed,
  indexed,
  indexFailed,
  parsed,
  parsing,
  passageId,
  queued,
  readPassageId,
  resumed,
  searchable,
  stopped,
} from "./document.ts";

const content = { pageCount: 3, passageCount: 7, failedPages: 0 };
const indexing = parsed(1, content);

test("given a parse, when it ends well, then its passages are a new revision that waits to be indexed", () => {
  expect(indexing).toMatchObject({
    state: "INDEXING",
    revision: 2,
    passageCount: 7,
    searchable: false,
    failureReason: null,
  });
});

test("given broken pages, when the others could be read, then what is missing stays known to the end", () => {
  const partial = parsed(0, { ...content, failedPages: 1 });
  expect(indexed(partial, 1)).toMatchObject({ state: "READY", failureReason: "PARTIAL" });
});

test("given an indexing document, when rag goes on, then it becomes searchable first and ready at the end", () => {
  const found = { ...indexing, ...searchable(indexing, 2) };
  expect(found).toMatchObject({ state: "INDEXING", searchable: true, stage: "embedding" });
  const ready = { ...found, ...indexed(found, 2) };
  expect(ready).toMatchObject({ state: "READY", searchable: true, progress: 1, stage: "" });
});

test("given any document, when news is late, of another revision or told twice, then nothing changes", () => {
  const ready = { ...indexing, ...indexed(indexing, 2) };
  for (const rule of [searchable, indexed, indexFailed]) {
    expect(rule(indexing, 1)).toBeUndefined();
    expect(rule(ready, 2)).toBeUndefined();
    expect(rule({ ...queued, revision: 2 }, 2)).toBeUndefined();
  }
  expect(searchable({ ...indexing, searchable: true }, 2)).toBeUndefined();
});

test("given an indexing document, when indexing fails, then it is failed with that reason", () => {
  expect(indexFailed(indexing, 2)).toMatchObject({ state: "FAILED", failureReason: "INDEX_FAILED", passageCount: 7 });
});

test("given a document on its way, when its file is trashed, then reading stops; a finished one stays as it is", () => {
  expect(stopped(parsing(1, 3))).toMatchObject({ state: "QUEUED", progress: 0 });
  expect(stopped(failed("EMPTY"))).toBeUndefined();
  expect(stopped(indexing)).toBeUndefined();
});

test("given a stopped document, when its file comes back, then it waits again; a finished one stays as it is", () => {
  expect(resumed({ ...parsing(1, 3), ...stopped(parsing(1, 3)) })).toEqual(queued);
  expect(resumed(indexing)).toBeUndefined();
  expect(resumed(failed("EMPTY"))).toBeUndefined();
});

test("given a document on its way, when it is cancelled, then its passages are replaced by none", () => {
  for (const status of [{ ...queued, revision: 0 }, { ...parsing(1, 3), revision: 0 }, indexing]) {
    const { revision } = status;
    expect(canceled(status)).toEqual({ ...failed("CANCELED"), revision: revision + 1 });
  }
  expect(canceled({ ...indexing, ...indexed(indexing, 2) })).toBeUndefined();
  expect(canceled({ ...failed("EMPTY"), revision: 1 })).toBeUndefined();
});

test("progress rises with the pages and stays below what indexing adds", () => {
  expect([parsing(0, 0), parsing(1, 4), parsing(4, 4)].map(({ progress }) => progress)).toEqual([0, 0.125, 0.5]);
});

test("a passage's name holds its file, revision and place", () => {
  expect(readPassageId(passageId("a_b", 3, 12))).toEqual({ fileId: "a_b", revision: 3, ordinal: 12 });
  for (const other of ["", "a", "a_1", "a_b_c", "_1_2", "a_1_-2"]) expect(readPassageId(other)).toBeUndefined();
});
