import { Code, ConnectError } from "@connectrpc/connect";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { growAnswer, insertAnswer } from "../answer-store.ts";
import { assistKind } from "../assistant/asked-question.ts";
import { toAnswerId } from "../assistant/question.ts";
import type { TestMessage } from "../test-chat.ts";
import { codeOf, startRag, type TestFile, type TestRag } from "../test-rag.ts";

let rag: TestRag;
let shared: TestFile;
beforeAll(async () => {
  rag = await startRag();
  await rag.join("bay", "ada", "mary");
  shared = await rag.add("ada", "tides.txt", ["The tide rises twice a day in the bay.", "It falls as often."]);
  await rag.shareWithRoom(shared, "bay");
  await rag.add("ada", "diary.txt", ["Ada hid the spare key under the third stone of the bay wall."]);
  await rag.settled();
});
afterAll(() => rag[Symbol.asyncDispose]());
afterEach(() => {
  rag.chat.onCall = () => {};
  rag.onLocate = async () => {};
});

const eventually = (assertion: () => Promise<void> | void) => rag.process.eventually(assertion);
const idOf = (question: TestMessage) => toAnswerId(question.id);
const answersTo = (question: TestMessage) =>
  rag.chat.said(question.roomId).filter(({ answerId }) => answerId === idOf(question));
const grownOf = (question: TestMessage) => rag.chat.grown.filter(({ answerId }) => answerId === idOf(question));
const countJobs = async () => {
  const { sql } = rag.process.host("rag").database;
  return (await sql`select 1 from jobs where kind = ${assistKind}`).length;
};
/** Waits until the question's job is done and answers the one message it led to. */
async function heard(question: TestMessage): Promise<TestMessage> {
  await eventually(async () => {
    expect(answersTo(question).map(({ end }) => end !== undefined)).toEqual([true]);
    expect(await countJobs()).toBe(0);
  });
  return answersTo(question)[0] as TestMessage;
}
/** Waits until nothing is left to do. */
const silence = async () => {
  await rag.settled();
  await eventually(async () => expect(await countJobs()).toBe(0));
};

test("a question is answered in the room, cited, from what every member may read", async () => {
  const question = await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  const { text, end } = await heard(question);
  expect(text).toMatch(/^The tide rises twice a day in the bay\. \[1\]/);
  expect(end?.finishReason).toBe(FinishReason.STOP);
  expect(end?.citations[0]).toMatchObject({ number: 1, fileId: shared.id, fileName: "tides.txt", verified: true });
  expect(
    grownOf(question)
      .map(({ delta }) => delta)
      .join(""),
  ).toBe(text);
  for (const { offset, delta, onlyUserId, messageId } of grownOf(question)) {
    expect(text.slice(offset, offset + delta.length)).toBe(delta);
    expect([onlyUserId, messageId]).toEqual(["", answersTo(question)[0]?.id]);
  }
});

test("the answer is its asker's alone by its id", async () => {
  const question = await rag.chat.ask("bay", "mary", "@assistant how often does the tide rise?");
  const { text } = await heard(question);
  const { answer } = await rag.as("mary").getAnswer({ answerId: idOf(question) });
  expect(answer).toMatchObject({ text, question: "how often does the tide rise?", finishReason: FinishReason.STOP });
  expect(await codeOf(rag.as("ada").getAnswer({ answerId: idOf(question) }))).toBe(Code.NotFound);
});

test("what only one member may read is never said to the room", async () => {
  const question = await rag.chat.ask("bay", "ada", "@assistant where is the spare key hidden?");
  const { text, end } = await heard(question);
  expect(text).not.toContain("stone");
  expect(end?.finishReason).toBe(FinishReason.NOT_IN_FILES);
});

test("a private question is answered from the asker's own files, to the asker alone", async () => {
  const question = await rag.chat.ask("bay", "ada", "@assistant private: where is the spare key hidden?");
  await eventually(() => expect(grownOf(question).at(-1)?.done).toBe(true));
  await silence();
  const grown = grownOf(question);
  expect(grown.map(({ delta }) => delta).join("")).toContain("under the third stone");
  for (const { onlyUserId, messageId } of grown) expect([onlyUserId, messageId]).toEqual(["ada", question.id]);
  expect(grown.filter(({ done }) => done)).toHaveLength(1);
  expect(answersTo(question)).toEqual([]);
  expect(question.privateAnswerId).toBe(idOf(question));
  const { answer } = await rag.as("ada").getAnswer({ answerId: idOf(question) });
  expect(answer?.text).toContain("under the third stone");
});

test("a follow-up is understood with what was said before it in the room", async () => {
  await heard(await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?"));
  const { text } = await heard(await rag.chat.ask("bay", "mary", "@assistant and where?"));
  expect(text).toContain("bay");
});

test("whoever has left, and a room that is gone, get no answer", async () => {
  await rag.join("cove", "ada", "kate");
  await rag.leave("cove", "kate", { tell: false });
  const left = await rag.chat.ask("cove", "kate", "@assistant how often does the tide rise?");
  const leftInPrivate = await rag.chat.ask("cove", "kate", "@assistant private: what is mine?");
  await silence();
  const gone = await rag.chat.ask("cove", "ada", "@assistant how often does the tide rise?");
  rag.chat.rooms.delete("cove");
  await silence();
  for (const question of [left, leftInPrivate, gone]) {
    expect([...answersTo(question), ...grownOf(question)]).toEqual([]);
  }
});

test("a question that was deleted gets no answer", async () => {
  rag.chat.onCall = (name) => {
    if (name === "read")
      for (const message of rag.chat.messages) message.isDeleted ||= message.text.includes("mistake");
  };
  const question = await rag.chat.ask("bay", "ada", "@assistant the tide, by mistake?");
  await silence();
  expect([...answersTo(question), ...grownOf(question)]).toEqual([]);
});

test("an asker who leaves in the middle is not answered to the end", async () => {
  await rag.join("inlet", "ada", "lise");
  await rag.shareWithRoom(shared, "inlet");
  rag.onLocate = () => new Promise(() => {});
  const question = await rag.chat.ask("inlet", "lise", "@assistant how often does the tide rise?");
  await eventually(() => expect(answersTo(question)).toHaveLength(1));
  await rag.leave("inlet", "lise", { tell: false });
  expect((await heard(question)).end).toMatchObject({ text: "", finishReason: FinishReason.STOPPED });
});

test("the asker stops the answer", async () => {
  rag.onLocate = () => new Promise(() => {});
  const question = await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  await eventually(() => expect(answersTo(question)).toHaveLength(1));
  expect(await codeOf(rag.as("mary").stopAnswer({ answerId: idOf(question) }))).toBe(Code.NotFound);
  await rag.as("ada").stopAnswer({ answerId: idOf(question) });
  expect((await heard(question)).end?.finishReason).toBe(FinishReason.STOPPED);
});

test("an answer that breaks off ends its message with an error", async () => {
  rag.onLocate = async () => {
    throw new ConnectError("broken", Code.Internal);
  };
  const question = await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  expect((await heard(question)).end?.finishReason).toBe(FinishReason.ERROR);
});

test("while chat is away the answer waits, and is said once when it is back", async () => {
  let isAway = true;
  rag.chat.onCall = (name) => {
    if (isAway && name === "finish") throw new ConnectError("away", Code.Unavailable);
  };
  const question = await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  await eventually(() => expect(grownOf(question).length).toBeGreaterThan(0));
  isAway = false;
  expect((await heard(question)).text).toContain("twice a day");
});

test("a step that cannot be shown is left out", async () => {
  rag.chat.onCall = (name) => {
    if (name === "grow") throw new ConnectError("away", Code.Unavailable);
  };
  const question = await rag.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  expect((await heard(question)).text).toContain("twice a day");
});

test("an answer that a killed process left half said is begun anew in the same message", async () => {
  const question: TestMessage = {
    id: newId(),
    roomId: "bay",
    senderId: "ada",
    text: "@assistant how often does the tide rise?",
    isDeleted: false,
  };
  const half = {
    id: newId(),
    roomId: "bay",
    senderId: "assistant",
    text: "",
    isDeleted: false,
    answerId: idOf(question),
  };
  rag.chat.messages.push(question, half);
  const { database } = rag.process.host("rag");
  const answer = { id: idOf(question), lease: newId() };
  const payload = { roomId: "bay", questionId: question.id, askerId: "ada", isPrivate: false, answerId: answer.id };
  await database.transaction(async (tx) => {
    await insertAnswer(tx, { ...answer, ownerId: "ada", question: "how?", createTime: new Date() });
    await growAnswer(tx, answer, [{ say: "The moon makes" }], []);
    await database.sqlOf(tx)`insert into jobs (id, kind, key, lane, payload, lease, lease_end, attempt)
      values (${newId()}, ${assistKind}, ${question.id}, 'ada', ${JSON.stringify(payload)}::jsonb, 'dead', now(), 1)`;
  });
  const said = await heard(question);
  expect(said.id).toBe(half.id);
  expect(said.text).toMatch(/^The tide rises twice a day/);
  const { answer: kept } = await rag.as("ada").getAnswer({ answerId: answer.id });
  expect(kept).toMatchObject({ text: said.text, finishReason: FinishReason.STOP });
});

test("another process goes on where one stops in the middle", async () => {
  const other = await startRag();
  await other.join("bay", "ada", "mary");
  const file = await other.add("ada", "tides.txt", ["The tide rises twice a day in the bay."]);
  await other.shareWithRoom(file, "bay");
  await other.settled();
  let asked = 0;
  other.onLocate = () => (asked++ === 0 ? new Promise(() => {}) : Promise.resolve());
  const question = await other.chat.ask("bay", "ada", "@assistant how often does the tide rise?");
  await other.process.eventually(() => expect(other.chat.said("bay")).toHaveLength(1));
  await using _second = await other.replicate();
  await other[Symbol.asyncDispose]();
  await eventually(() =>
    expect(other.chat.said("bay").map(({ end }) => end?.finishReason)).toEqual([FinishReason.STOP]),
  );
  expect(other.chat.said("bay")[0]).toMatchObject({
    answerId: idOf(question),
    text: expect.stringMatching(/^The tide rises twice/),
  });
}, 30_000);
