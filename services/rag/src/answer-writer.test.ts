import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertAnswer } from "./answer-store.ts";
import { beginAnswer, finishAbandoned } from "./answer-writer.ts";
import { startRag, type TestRag } from "./test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const reasonOf = async (answerId: string) => (await rag.as("ada").getAnswer({ answerId })).answer?.finishReason;

test("an answer ends once, and what was said is kept", async () => {
  const answer = await beginAnswer(rag.process.host("rag"), { userId: "ada", conversationId: "", question: "Why?" });
  await answer.say([{ say: "Because" }]);
  await answer.finish(FinishReason.STOPPED);
  await answer.finish(FinishReason.ERROR);
  const { answer: kept } = await rag.as("ada").getAnswer({ answerId: answer.answerId });
  expect(kept).toMatchObject({ text: "Because", finishReason: FinishReason.STOPPED });
  await rag.process.eventually(() => expect(rag.eventsOf(answer.answerId)).toEqual(["AnswerFinished"]));
});

test("what a process left unfinished is ended, what another still writes is not", async () => {
  const host = rag.process.host("rag");
  const current = await beginAnswer(host, { userId: "ada", conversationId: "", question: "Now?" });
  const { conversationId } = current;
  const old = { id: newId(), conversationId, ownerId: "ada", question: "Then?", parts: [{ say: "Half" }] };
  await host.database.transaction((tx) =>
    insertAnswer(tx, { ...old, finishReason: FinishReason.UNSPECIFIED, createTime: new Date(Date.now() - 3_600_000) }),
  );
  await finishAbandoned(host);
  expect(await reasonOf(old.id)).toBe(FinishReason.STOPPED);
  expect(await reasonOf(current.answerId)).toBe(FinishReason.UNSPECIFIED);
});
