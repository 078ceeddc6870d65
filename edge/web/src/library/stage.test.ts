import { create } from "@bufbuild/protobuf";
import { DocumentSchema, DocumentState } from "@lyceum/client";
import { expect, test } from "vitest";
import { stageOf } from "./stage.ts";

test("another try is offered only where it may end otherwise", () => {
  const failed = (reason: string) =>
    stageOf(create(DocumentSchema, { state: DocumentState.FAILED, failure: { reason, message: "No." } }));
  expect(["TIMEOUT", "INTERNAL", "CANCELED"].map((reason) => failed(reason).mayRetry)).toEqual([true, true, true]);
  expect(["EMPTY", "ENCRYPTED", "UNSUPPORTED"].map((reason) => failed(reason).mayRetry)).toEqual([false, false, false]);
});
