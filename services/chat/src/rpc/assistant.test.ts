import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { type Citation, CitationSchema, FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeOf, startChat, type TestChat, type TestPerson } from "../test-chat.ts";

let lyceum: TestChat;
let ada: TestPerson;
let grace: TestPerson;
let roomId: string;
let questionId: string;
beforeAll(async () => {
  lyceum = await startChat();
  [ada, grace] = [lyceum.newPerson("Ada"), lyceum.newPerson("Grace")];
});
afterAll(() => lyceum[Symbol.asyncDispose]());
beforeEach(async () => {
  roomId = await ada.newRoom(grace);
  questionId = (await ada.say(roomId, "@assistant who kept the light?")).id;
});

const begin = async (answerId = randomUUID()) => {
  const request = { roomId, questionId, answerId };
  const { message } = await lyceum.internal.beginAssistantMessage(request, await lyceum.asRag());
  return { answerId, messageId: message?.id ?? "", message };
};

const finish = async (messageId: string, more: { text?: string; citations?: Citation[] } = {}) => {
  const request = { roomId, messageId, text: "Ada did. [1]", finishReason: FinishReason.STOP, ...more };
  return (await lyceum.internal.finishAssistantMessage(request, await lyceum.asRag())).message;
};

const text = "The light was kept by Ada until 1852.";
/** Cites some of a passage that begins at 100 in its document. */
function cite(fileId: string, quote = "kept by Ada"): Citation {
  const charStart = 100 + text.indexOf(quote);
  const locator = { charStart, charEnd: charStart + quote.length, page: 3, headingPath: ["Keepers"] };
  const sentence = "Ada did.";
  lyceum.world.passages.set(`${fileId}/1`, { fileId, text, charStart: 100 });
  return create(CitationSchema, {
    number: 1,
    passageId: `${fileId}/1`,
    fileId,
    fileName: "light.md",
    quote,
    sentence,
    locator,
    verified: true,
  });
}

describe("a question to the assistant", () => {
  const asked = (messageId: string) =>
    lyceum.process.events().filter(({ type, data }) => type.endsWith("AssistantAsked") && data.messageId === messageId);

  test("is told in a fact, private or not; other messages are not", async () => {
    const secret = await grace.say(roomId, "@assistant private: who is Ada?");
    const plain = await grace.say(roomId, "Ask the @assistant!");
    const askedOf = { askerId: grace.userId, private: true, version: Number(secret.change) };
    await lyceum.process.eventually(() => {
      expect(asked(questionId).map(({ data }) => data)).toMatchObject([
        { roomId, askerId: ada.userId, private: false },
      ]);
      expect(asked(secret.id).map(({ data }) => data)).toEqual([{ roomId, messageId: secret.id, ...askedOf }]);
    });
    expect(asked(plain.id)).toEqual([]);
  });

  test("is read with what was said before it", async () => {
    const gone = await ada.say(roomId, "never mind");
    await ada.chat.deleteMessage({ roomId, messageId: gone.id });
    await Promise.all(Array.from({ length: 25 }, () => grace.say(roomId, "talk")));
    const question = await ada.say(roomId, "@assistant and now?");
    const read = await lyceum.internal.readQuestion({ roomId, messageId: question.id }, await lyceum.asRag());
    expect(read.message).toEqual({ ...question, clientId: "" });
    expect(read.history).toHaveLength(20);
    expect(read.history.map(({ seq }) => seq)).toEqual(read.history.map(({ seq }) => seq).toSorted());
    expect(read.history.at(-1)?.seq).toBe(question.seq - 1n);
    expect(read.history.every(({ kind }) => kind === MessageKind.TEXT)).toBe(true);
    const readOf = async (request: { roomId: string; messageId: string }) =>
      codeOf(lyceum.internal.readQuestion(request, await lyceum.asRag()));
    expect(await readOf({ roomId, messageId: gone.id })).toBe(Code.NotFound);
    expect(await readOf({ roomId: await ada.newRoom(), messageId: question.id })).toBe(Code.NotFound);
  });

  test("comes from somebody, and is answered to who belongs to the room", async () => {
    const list = async (id: string) => lyceum.internal.listRoomMemberIds({ roomId: id }, await lyceum.asRag());
    expect((await list(roomId)).userIds).toEqual([ada.userId, grace.userId]);
    expect(await codeOf(list("nowhere"))).toBe(Code.NotFound);
    await ada.chat.deleteRoom({ roomId });
    expect(await codeOf(list(roomId))).toBe(Code.NotFound);
  });
});

describe("the assistant's message", () => {
  test("begins empty, once per answer, grows in pieces and ends with an edit", async () => {
    const listening = grace.follow();
    await listening.ready;
    const { answerId, messageId, message } = await begin();
    expect(message).toMatchObject({
      kind: MessageKind.ASSISTANT,
      senderId: "assistant",
      text: "",
      answerId,
      replyToId: questionId,
      finishReason: FinishReason.UNSPECIFIED,
    });
    expect((await begin(answerId)).message).toEqual(message);
    const delta = `${"x".repeat(1_499)}🐦${"y".repeat(2_000)}`;
    const growth = { roomId, messageId, answerId, offset: 7, delta };
    await lyceum.internal.growAssistantMessage(growth, await lyceum.asRag());
    await listening.until(() =>
      expect(
        listening
          .of("answer")
          .map((grown) => grown.delta)
          .join(""),
      ).toBe(delta),
    );
    for (const grown of listening.of("answer")) {
      expect(grown.delta).toBe(delta.slice(grown.offset - 7, grown.offset - 7 + grown.delta.length));
      expect(grown.delta.isWellFormed()).toBe(true);
    }
    const finished = await finish(messageId);
    expect(finished).toMatchObject({ text: "Ada did. [1]", finishReason: FinishReason.STOP, seq: message?.seq });
    expect(await finish(messageId)).toEqual(finished);
    await listening.until(() => expect(listening.of("messageEdited")).toHaveLength(1));
    expect(listening.of("message").filter(({ kind }) => kind === MessageKind.ASSISTANT)).toHaveLength(1);
    listening.close();
  });

  test("for one person reaches them alone, and says when it is done", async () => {
    const [adas, graces] = [ada.follow(), grace.follow()];
    await Promise.all([adas.ready, graces.ready]);
    const growth = { roomId, messageId: questionId, answerId: "a", onlyUserId: ada.userId };
    const options = await lyceum.asRag();
    await lyceum.internal.growAssistantMessage({ ...growth, delta: "z".repeat(2_000), done: true }, options);
    await lyceum.internal.growAssistantMessage({ ...growth, delta: "", done: true }, options);
    await ada.say(roomId, "that was all");
    await Promise.all([adas, graces].map((one) => one.until(() => expect(one.of("message")).toHaveLength(1))));
    expect(adas.of("answer").map(({ delta, done }) => [delta.length, done])).toEqual([
      [1_500, false],
      [500, true],
      [0, true],
    ]);
    expect(graces.of("answer")).toEqual([]);
    adas.close();
    graces.close();
  });

  test("for one person is found again at their question, by them alone", async () => {
    const question = await ada.say(roomId, "@assistant private: what is mine?");
    const answerId = randomUUID();
    const request = { roomId, questionId: question.id, answerId, onlyUserId: ada.userId };
    const note = async (onlyUserId = ada.userId) =>
      lyceum.internal.beginAssistantMessage({ ...request, onlyUserId }, await lyceum.asRag());
    expect(await codeOf(note(grace.userId))).toBe(Code.NotFound);
    await Promise.all([note(), note()]);
    const seenBy = async (person: TestPerson) => (await person.chat.listMessages({ roomId })).messages.at(-1);
    expect(await seenBy(ada)).toEqual({ ...question, answerId });
    expect(await seenBy(grace)).toEqual({ ...question, clientId: "" });
    const [adas, graces] = [ada.follow(), grace.follow()];
    await Promise.all([adas.ready, graces.ready]);
    await ada.chat.editMessage({ roomId, messageId: question.id, text: "@assistant private: what is all mine?" });
    const toldTo = async (one: typeof adas) => {
      await one.until(() => expect(one.of("messageEdited")).toHaveLength(1));
      one.close();
      return one.of("messageEdited")[0]?.answerId;
    };
    expect([await toldTo(adas), await toldTo(graces)]).toEqual([answerId, ""]);
    const { message } = await ada.chat.deleteMessage({ roomId, messageId: question.id });
    expect(message?.answerId).toBe("");
    expect(await codeOf(note())).toBe(Code.NotFound);
  });

  test("is not begun for a question that is gone, and not ended once it is", async () => {
    const { messageId } = await begin();
    await ada.chat.deleteMessage({ roomId, messageId });
    expect(await codeOf(finish(messageId))).toBe(Code.NotFound);
    expect(await codeOf(finish(questionId))).toBe(Code.NotFound);
    await ada.chat.deleteMessage({ roomId, messageId: questionId });
    expect(await codeOf(begin())).toBe(Code.NotFound);
  });

  test("is nobody's to edit, and an owner's to delete", async () => {
    const { messageId } = await begin();
    expect(await codeOf(ada.chat.editMessage({ roomId, messageId, text: "x" }))).toBe(Code.PermissionDenied);
    expect(await codeOf(grace.chat.deleteMessage({ roomId, messageId }))).toBe(Code.PermissionDenied);
    expect((await ada.chat.deleteMessage({ roomId, messageId })).message?.text).toBe("");
  });
});

describe("citations", () => {
  const citationsFor = async (person: TestPerson, messageId: string) => {
    const { messages } = await person.chat.listMessages({ roomId });
    return messages.find(({ id }) => id === messageId)?.citations;
  };

  test("are kept without their words, and shown under the rights of whoever reads", async () => {
    const fileId = randomUUID();
    lyceum.world.files.set(fileId, { name: "light.md", readers: new Set([ada.userId]), shareable: true });
    const listening = grace.follow();
    await listening.ready;
    const { messageId } = await begin();
    const cited = cite(fileId);
    await finish(messageId, { citations: [cited] });
    // Live, every member may read it.
    await listening.until(() => expect(listening.of("messageEdited")[0]?.citations).toEqual([cited]));
    listening.close();
    expect(await citationsFor(ada, messageId)).toEqual([cited]);
    const [unseen] = (await citationsFor(grace, messageId)) ?? [];
    expect(unseen).toMatchObject({ number: 1, fileId, sentence: "Ada did.", quote: "", fileName: "", verified: true });
    expect(unseen?.locator?.headingPath).toEqual([]);
    const { sql } = lyceum.process.host("chat").database;
    const [row] = await sql`select * from messages where id = ${messageId}`;
    expect(JSON.stringify(row)).not.toMatch(/kept by Ada|light\.md/);
    await ada.chat.deleteMessage({ roomId, messageId });
    const [erased] = await sql`select citations from messages where id = ${messageId}`;
    expect(erased?.citations).toEqual([]);
  });

  test("of a purged file are erased with the sentences that rest on it, and the room is told", async () => {
    const [fileId, otherId] = [randomUUID(), randomUUID()];
    const { messageId } = await begin();
    const other = { ...cite(otherId), number: 2, sentence: "So say all." };
    await finish(messageId, { text: "Ada did. [1] So say all. [2]", citations: [cite(fileId), other] });
    const listening = grace.follow();
    await listening.ready;
    await lyceum.filePurged(fileId);
    await listening.until(() => expect(listening.of("messageEdited")[0]?.text).toBe("… [1] So say all. [2]"));
    listening.close();
    const { sql } = lyceum.process.host("chat").database;
    const [row] = await sql`select * from messages where id = ${messageId}`;
    expect(JSON.stringify(row)).not.toContain("Ada did");
    const [gone, kept] = (await citationsFor(ada, messageId)) ?? [];
    expect(gone).toMatchObject({ number: 1, fileId, passageId: "", sentence: "", verified: false });
    expect(kept).toMatchObject({ number: 2, fileId: otherId, sentence: "So say all.", verified: true });
  });

  test("have no words once these are others, or while files or ingest is away", async () => {
    const fileId = randomUUID();
    lyceum.world.files.set(fileId, { name: "light.md", readers: new Set([ada.userId]), shareable: true });
    const { messageId } = await begin();
    await finish(messageId, { citations: [cite(fileId)] });
    const quotes = async () => (await citationsFor(ada, messageId))?.map(({ fileName, quote }) => [fileName, quote]);
    lyceum.world.filesDown = true;
    expect(await quotes()).toEqual([["", ""]]);
    lyceum.world.filesDown = false;
    lyceum.world.ingestDown = true;
    expect(await quotes()).toEqual([["", ""]]);
    lyceum.world.ingestDown = false;
    expect(await quotes()).toEqual([["light.md", "kept by Ada"]]);
    lyceum.world.passages.set(`${fileId}/1`, { fileId, text: text.replace("Ada", "Eve"), charStart: 100 });
    expect(await quotes()).toEqual([["light.md", ""]]);
    lyceum.world.passages.delete(`${fileId}/1`);
    expect(await quotes()).toEqual([["light.md", ""]]);
  });
});
