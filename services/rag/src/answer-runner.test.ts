import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endAbandoned } from "./answer-runner.ts";
import { growAnswer, insertAnswer } from "./answer-store.ts";
import { insertConversation } from "./conversation-store.ts";
import { startRag, type TestRag } from "./test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

/** An answer as a process that was killed leaves it, or as another one writes it now. */
async function leaveHalf(question: string): Promise<string> {
  const { database } = rag.process.host("rag");
  const answer = { id: newId(), lease: newId() };
  const time = new Date();
  const conversation = { id: newId(), ownerId: "ada", title: question, createTime: time, updateTime: time };
  const row = { ...answer, conversationId: conversation.id, ownerId: "ada", question, createTime: time };
  await database.transaction(async (tx) => {
    await insertConversation(tx, conversation);
    await insertAnswer(tx, row);
    await growAnswer(tx, answer, [{ say: "Half an" }], []);
  });
  return answer.id;
}

test("what a process left unfinished is ended and told, what another still writes is not", async () => {
  const host = rag.process.host("rag");
  const [left, written] = [await leaveHalf("Then?"), await leaveHalf("Now?")];
  await host.database.sql`update answers set lease_end = now() - interval '1 second' where id = ${left}`;
  await endAbandoned(host);
  const { answer } = await rag.as("ada").getAnswer({ answerId: left });
  expect(answer).toMatchObject({ text: "Half an", finishReason: FinishReason.ERROR });
  await rag.process.eventually(() => expect(rag.eventsOf(left)).toEqual(["AnswerFinished"]));
  const other = await rag.as("ada").getAnswer({ answerId: written });
  expect(other.answer?.finishReason).toBe(FinishReason.UNSPECIFIED);
});
