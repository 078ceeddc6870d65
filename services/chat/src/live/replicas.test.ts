import { randomUUID } from "node:crypto";
import { Code } from "@connectrpc/connect";
import { PresenceState } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { freeDatabases } from "@lyceum/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chatService } from "../service.ts";
import { changesOf, codeOf, createWorld, startChat, type TestChat, type TestPerson } from "../test-chat.ts";

let stack: AsyncDisposableStack;
let one: TestChat;
let two: TestChat;
/** Speaks to the first replica. */
let ada: TestPerson;
/** Listens to the second. */
let grace: TestPerson;
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const world = createWorld();
  const env = await freeDatabases([chatService]);
  one = stack.use(await startChat({ world, env }));
  two = stack.use(await startChat({ world, env }));
  ada = one.newPerson("Ada");
  grace = two.newPerson("Grace");
});
afterAll(() => stack[Symbol.asyncDispose]());

test("what is said in one reaches who listens to the other, in order and at once", async () => {
  const roomId = await ada.newRoom(grace);
  const [adas, graces] = [ada.follow(), grace.follow()];
  await Promise.all([adas.ready, graces.ready]);
  const texts = Array.from({ length: 40 }, (_, index) => `${index}`);
  await Promise.all(texts.map((text, index) => [ada, grace][index % 2]?.say(roomId, text)));
  for (const follower of [adas, graces]) {
    await follower.until(() => expect(changesOf(follower.responses, roomId)).toHaveLength(40));
    expect(changesOf(follower.responses, roomId)).toEqual(texts.map((_, index) => index + 5));
  }
  adas.close();
  graces.close();
});

test("who is let in or removed in one hears so in the other", async () => {
  const follower = grace.follow();
  await follower.ready;
  const roomId = await ada.newRoom();
  await ada.chat.addMembers({ roomId, userIds: [grace.userId] });
  await follower.until(() => expect(changesOf(follower.responses, roomId)).toEqual([3, 4]));
  await ada.chat.removeMember({ roomId, userId: grace.userId });
  await ada.say(roomId, "not for Grace");
  await follower.until(() => expect(changesOf(follower.responses, roomId)).toEqual([3, 4, 5, 6]));
  expect(await codeOf(grace.chat.getRoom({ roomId }))).toBe(Code.NotFound);
  follower.close();
});

test("typing, presence and growing answers cross over; quotes come with the edit", async () => {
  const roomId = await ada.newRoom(grace);
  const question = await ada.say(roomId, "@assistant well?");
  const graces = grace.follow();
  await graces.ready;
  const adas = ada.follow();
  await adas.ready;
  const { ONLINE } = PresenceState;
  await graces.until(() => expect(graces.of("presence")).toMatchObject([{ userId: ada.userId, state: ONLINE }]));
  await adas.until(() => expect(adas.of("presence")[0]).toMatchObject({ userId: grace.userId, state: ONLINE }));
  await ada.chat.setTyping({ roomId });
  await graces.until(() => expect(graces.of("typing")).toMatchObject([{ roomId, userId: ada.userId }]));

  const fileId = randomUUID();
  one.world.files.set(fileId, { name: "well.md", readers: new Set(), shareable: true });
  one.world.passages.set("p", { fileId, text: "All is well.", charStart: 0 });
  const asRag = await one.asRag();
  const begun = await one.internal.beginAssistantMessage({ roomId, questionId: question.id, answerId: "a" }, asRag);
  const messageId = begun.message?.id ?? "";
  await one.internal.growAssistantMessage({ roomId, messageId, answerId: "a", delta: "All is" }, asRag);
  await graces.until(() => expect(graces.of("answer")).toMatchObject([{ messageId, delta: "All is" }]));
  const locator = { charStart: 0, charEnd: 12 };
  const citations = [{ number: 1, passageId: "p", fileId, quote: "All is well.", locator }];
  const finishReason = FinishReason.STOP;
  await one.internal.finishAssistantMessage({ roomId, messageId, text: "Yes. [1]", citations, finishReason }, asRag);
  await graces.until(() =>
    expect(graces.of("messageEdited")[0]?.citations).toMatchObject([{ quote: "All is well.", fileName: "well.md" }]),
  );
  graces.close();
  adas.close();
});

test("a change whose hint was lost arrives a little later", async () => {
  const roomId = await ada.newRoom(grace);
  const follower = grace.follow();
  await follower.ready;
  // As another process would, had it died right after its commit.
  const { sql } = one.process.host("chat").database;
  await sql.begin(async (tx) => {
    await tx`update rooms set last_change = 5 where id = ${roomId}`;
    await tx`insert into changes (room_id, change, kind, user_id, role) values (${roomId}, 5, 'membership', 'x', 1)`;
  });
  await follower.until(() => expect(changesOf(follower.responses, roomId)).toEqual([5]));
  follower.close();
});

test("a cursor of one is good for the other", async () => {
  const roomId = await ada.newRoom(grace);
  const first = grace.follow();
  await first.ready;
  first.close();
  await ada.say(roomId, "missed");
  const second = one.personOf(grace.userId).follow(first.cursor);
  await second.ready;
  expect(second.of("message").map(({ text }) => text)).toContain("missed");
  second.close();
});
