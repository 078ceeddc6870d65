import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Document, DocumentSchema, DocumentState } from "@lyceum/client";
import { expect, test } from "vitest";
import { mergeDocuments } from "./merge-documents.ts";
import { stageOf, stateName } from "./stage.ts";

const at = (fileId: string, state: DocumentState, ms: number): Document =>
  create(DocumentSchema, { fileId, state, updateTime: timestampFromMs(ms) });

test("the latest state of each document wins, in whatever order they arrive", () => {
  const known = mergeDocuments(new Map(), [at("a", DocumentState.READY, 20), at("b", DocumentState.QUEUED, 5)]);
  const merged = mergeDocuments(known, [
    at("a", DocumentState.PARSING, 10),
    at("b", DocumentState.INDEXING, 9),
    at("b", DocumentState.PARSING, 7),
  ]);
  expect([merged.get("a")?.state, merged.get("b")?.state]).toEqual([DocumentState.READY, DocumentState.INDEXING]);
  expect(known.get("b")?.state).toBe(DocumentState.QUEUED);
});

test("nothing newer leaves the very same map", () => {
  const known = mergeDocuments(new Map(), [at("a", DocumentState.READY, 20)]);
  expect(mergeDocuments(known, [at("a", DocumentState.READY, 20)])).toBe(known);
});

test("stages say how far a document is, searchable before it is ready", () => {
  expect(stageOf(undefined)).toMatchObject({ tone: "waiting", label: "Queued" });
  const indexing = create(DocumentSchema, { state: DocumentState.INDEXING, searchable: true, progress: 0.6 });
  expect(stageOf(indexing)).toEqual({ tone: "ready", label: "Searchable", progress: 0.6 });
  const failed = create(DocumentSchema, { state: DocumentState.FAILED, failure: { message: "It is empty." } });
  expect(stageOf(failed)).toMatchObject({ tone: "failed", detail: "It is empty." });
  const canceled = create(DocumentSchema, { state: DocumentState.FAILED, failure: { reason: "CANCELED" } });
  expect(stageOf(canceled)).toMatchObject({ tone: "stopped", label: "Stopped", mayRetry: true });
  expect([stateName(undefined), stateName(failed)]).toEqual(["DOCUMENT_STATE_QUEUED", "DOCUMENT_STATE_FAILED"]);
});
