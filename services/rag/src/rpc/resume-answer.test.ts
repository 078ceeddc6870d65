import { Code } from "@connectrpc/connect";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, readAnswer, readPieces, startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
  await rag.add("ada", "cells.txt", ["The mitochondrion makes most of the energy a cell uses. It is small."]);
});
afterAll(() => rag[Symbol.asyncDispose]());

const question = "What makes the energy of a cell?";

test("an answer that has ended comes again as it came first", async () => {
  const first = await readAnswer(rag.as("ada"), { question });
  const again = await readPieces(rag.as("ada").resumeAnswer({ answerId: first.retrieved.answerId }));
  const pieces = ({ order, text, citations, retrieved }: typeof first) => ({ order, text, citations, retrieved });
  expect(pieces(again)).toEqual(pieces(first));
  expect(again.done).toMatchObject({ finishReason: FinishReason.STOP, timings: first.done.timings });
  expect(again.done.traceId).not.toBe(first.done.traceId);
});

test("what its reader may no longer read is left out", async () => {
  const shared = await rag.add("grace", "shared.txt", ["Lichens join a fungus with an alga."]);
  await rag.share(shared, "mary");
  const asked = { question: "What do lichens join?", fileIds: [shared.id] };
  const { retrieved } = await readAnswer(rag.as("mary"), asked);
  await rag.revoke(shared, "mary", { tell: false });
  const again = await readPieces(rag.as("mary").resumeAnswer({ answerId: retrieved.answerId }));
  expect(JSON.stringify(again, (_, value) => (typeof value === "bigint" ? 0 : value))).not.toContain("fungus");
  expect(again.text).toBe("… [1]");
});

test("another person's answer, and an unknown one, are not found, to read or to stop", async () => {
  const { answerId } = (await readAnswer(rag.as("ada"), { question })).retrieved;
  for (const [userId, id] of [
    ["grace", answerId],
    ["ada", newId()],
    ["ada", "\0"],
  ] as const) {
    expect(await codeOf(readPieces(rag.as(userId).resumeAnswer({ answerId: id })))).toBe(Code.NotFound);
    expect(await codeOf(rag.as(userId).stopAnswer({ answerId: id }))).toBe(Code.NotFound);
  }
});

test("stopping an answer that has ended changes nothing", async () => {
  const { answerId } = (await readAnswer(rag.as("ada"), { question })).retrieved;
  expect((await rag.as("ada").stopAnswer({ answerId })).finishReason).toBe(FinishReason.STOP);
});
