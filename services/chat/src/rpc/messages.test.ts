import { randomUUID } from "node:crypto";
import { Code } from "@connectrpc/connect";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, reasonOf, startChat, type TestChat, type TestPerson } from "../test-chat.ts";

let lyceum: TestChat;
let ada: TestPerson;
let grace: TestPerson;
let joan: TestPerson;
/** A room of Ada's and Grace's. */
let roomId: string;
beforeAll(async () => {
  lyceum = await startChat();
  [ada, grace, joan] = [lyceum.newPerson("Ada"), lyceum.newPerson("Grace"), lyceum.newPerson("Joan")];
  roomId = await ada.newRoom(grace);
});
afterAll(() => lyceum[Symbol.asyncDispose]());

const factsOf = (messageId: string) =>
  lyceum.process
    .events()
    .filter(({ data }) => data.messageId === messageId)
    .map(({ type, data }) => [type.split(".").at(-1), data]);

describe("a message", () => {
  test("takes the next place, is told in a fact without its text, and is seen by members only", async () => {
    const { room } = await ada.chat.getRoom({ roomId });
    const sent = await ada.say(roomId, "Hello, world", { clientId: "first" });
    expect(sent).toMatchObject({
      kind: MessageKind.TEXT,
      senderId: ada.userId,
      text: "Hello, world",
      clientId: "first",
    });
    expect([sent.seq, sent.change]).toEqual([(room?.lastSeq ?? 0n) + 1n, (room?.lastChange ?? 0n) + 1n]);
    const { messages } = await grace.chat.listMessages({ roomId });
    expect(messages.at(-1)).toEqual({ ...sent, clientId: "" });
    expect(await codeOf(joan.chat.listMessages({ roomId }))).toBe(Code.NotFound);
    await lyceum.process.eventually(() =>
      expect(factsOf(sent.id)).toEqual([
        [
          "MessageSent",
          {
            roomId,
            messageId: sent.id,
            seq: Number(sent.seq),
            senderId: ada.userId,
            version: Number(sent.change),
          },
        ],
      ]),
    );
  });

  test("resent a thousand times is one message, one fact, one change", async () => {
    const clientId = randomUUID();
    const send = (person: TestPerson) => person.chat.sendMessage({ roomId, clientId, text: "only once" });
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => send(ada)));
    expect(new Set(answers.map(({ message }) => message?.id)).size).toBe(1);
    const first = answers[0]?.message;
    expect((await ada.chat.getRoom({ roomId })).room?.lastChange).toBe(first?.change);
    // The same id of another person is another message.
    expect((await send(grace)).message?.seq).toBe((first?.seq ?? 0n) + 1n);
    await lyceum.process.eventually(() => expect(factsOf(first?.id ?? "")).toHaveLength(1));
  });

  test("among many at once in several rooms leaves no gap and no double", async () => {
    const roomIds = await Promise.all([ada.newRoom(grace), ada.newRoom(grace), ada.newRoom(grace)]);
    const sent = await Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        [ada, grace][index % 2]?.say(roomIds[index % 3] as string, `message ${index}`),
      ),
    );
    for (const id of roomIds) {
      const seqs = sent.flatMap((message) => (message?.roomId === id ? [Number(message.seq)] : []));
      expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 3));
    }
  });

  test("keeps its own trace, though others are committed with it", async () => {
    const trace = (index: number) => `00-${`${index}`.repeat(32)}-b7ad6b7169203331-01`;
    const sends = [1, 2, 3].map(async (index) => {
      const headers = { traceparent: trace(index) };
      return (await ada.chat.sendMessage({ roomId, text: `${index}` }, { headers })).message?.id;
    });
    const ids = await Promise.all(sends);
    const traceOf = (id: string | undefined) =>
      lyceum.process
        .events()
        .find(({ data }) => data.messageId === id)
        ?.traceparent?.slice(0, 35);
    await lyceum.process.eventually(() =>
      expect(ids.map(traceOf)).toEqual([1, 2, 3].map((index) => trace(index).slice(0, 35))),
    );
  });

  test("goes out even where others that are sent with it are refused", async () => {
    const sends = [
      joan.chat.sendMessage({ roomId, text: "let me in" }),
      ada.chat.sendMessage({ roomId, text: "fine", clientId: "fine" }),
      ada.chat.sendMessage({ roomId, text: "answer", replyToId: "nothing" }),
      ada.chat.sendMessage({ roomId: "nowhere", text: "lost" }),
    ];
    expect(await Promise.all(sends.map(codeOf))).toEqual([Code.NotFound, undefined, Code.NotFound, Code.NotFound]);
  });

  test.each([
    ["", []],
    [" \n\t", []],
    ["nul\0", []],
    ["x".repeat(16_001), []],
    ["fine", [""]],
    ["fine", Array.from({ length: 21 }, (_, index) => `${index}`)],
  ])("%j with files %j is refused", async (text, fileIds) => {
    expect(await codeOf(ada.chat.sendMessage({ roomId, text, fileIds }))).toBe(Code.InvalidArgument);
  });

  test("holds up to 16,000 characters of any script", async () => {
    const text = "🐦".repeat(16_000);
    expect((await ada.say(roomId, text)).text).toBe(text);
    expect((await ada.say(roomId, "half a \ud83d bird")).text).toBe("half a \ufffd bird");
  });

  test("answers another of its room", async () => {
    const question = await ada.say(roomId, "Who is there?");
    expect((await grace.say(roomId, "I am", { replyToId: question.id })).replyToId).toBe(question.id);
    const elsewhere = await ada.newRoom();
    expect(await codeOf(ada.chat.sendMessage({ roomId: elsewhere, text: "?", replyToId: question.id }))).toBe(
      Code.NotFound,
    );
  });
});

describe("a page of messages", () => {
  const seqsOf = async (bounds: { afterSeq?: bigint; beforeSeq?: bigint; pageSize?: number }) => {
    const { messages, hasMore } = await ada.chat.listMessages({ roomId: long, ...bounds });
    return { seqs: messages.map(({ seq }) => Number(seq)), hasMore };
  };
  let long: string;
  beforeAll(async () => {
    long = await ada.newRoom();
    for (let count = 2; count <= 10; count += 1) await ada.say(long, `message ${count}`);
  });

  test("is the latest, or lies after or before a message, in ascending order", async () => {
    expect(await seqsOf({ pageSize: 3 })).toEqual({ seqs: [8, 9, 10], hasMore: true });
    expect(await seqsOf({ pageSize: 3, beforeSeq: 8n })).toEqual({ seqs: [5, 6, 7], hasMore: true });
    expect(await seqsOf({ pageSize: 3, beforeSeq: 3n })).toEqual({ seqs: [1, 2], hasMore: false });
    expect(await seqsOf({ pageSize: 3, afterSeq: 0n })).toEqual({ seqs: [1, 2, 3], hasMore: true });
    expect(await seqsOf({ pageSize: 3, afterSeq: 4n })).toEqual({ seqs: [5, 6, 7], hasMore: true });
    expect(await seqsOf({ pageSize: 3, afterSeq: 7n })).toEqual({ seqs: [8, 9, 10], hasMore: false });
    expect(await seqsOf({ afterSeq: 4n, beforeSeq: 7n })).toEqual({ seqs: [5, 6], hasMore: false });
    expect(await seqsOf({ afterSeq: 2n ** 63n - 1n })).toEqual({ seqs: [], hasMore: false });
    expect((await seqsOf({ beforeSeq: 2n ** 63n - 1n })).seqs).toHaveLength(10);
  });
});

describe("an edit", () => {
  test("replaces the text for all, by its sender only", async () => {
    const sent = await ada.say(roomId, "teh end");
    const { message } = await ada.chat.editMessage({ roomId, messageId: sent.id, text: "the end" });
    expect(message).toMatchObject({ text: "the end", seq: sent.seq, change: sent.change + 1n });
    expect(message?.editTime).toBeDefined();
    expect(await codeOf(grace.chat.editMessage({ roomId, messageId: sent.id, text: "mine" }))).toBe(
      Code.PermissionDenied,
    );
    expect(await codeOf(joan.chat.editMessage({ roomId, messageId: sent.id, text: "mine" }))).toBe(Code.NotFound);
    expect(await codeOf(ada.chat.editMessage({ roomId, messageId: "none", text: "x" }))).toBe(Code.NotFound);
    expect(await codeOf(ada.chat.editMessage({ roomId, messageId: sent.id, text: " " }))).toBe(Code.InvalidArgument);
    await lyceum.process.eventually(() => expect(factsOf(sent.id).map(([type]) => type)).toContain("MessageEdited"));
  });

  test("to the same text is none, and the room's own messages take none", async () => {
    const sent = await ada.say(roomId, "fine as it is");
    const { message } = await ada.chat.editMessage({ roomId, messageId: sent.id, text: "fine as it is" });
    expect(message).toEqual(sent);
    const first = (await ada.chat.listMessages({ roomId, afterSeq: 0n, beforeSeq: 2n })).messages[0];
    expect(await reasonOf(ada.chat.editMessage({ roomId, messageId: first?.id ?? "", text: "x" }))).toBe("NOT_A_TEXT");
    expect(await reasonOf(ada.chat.deleteMessage({ roomId, messageId: first?.id ?? "" }))).toBe("NOT_A_TEXT");
  });
});

describe("a deletion", () => {
  test("leaves the place and erases the content, by the sender or an owner", async () => {
    lyceum.world.files.set("plan", { name: "plan.md", readers: new Set([grace.userId]), shareable: true });
    const sent = await grace.say(roomId, "regrettable", { fileIds: ["plan"] });
    await ada.chat.addReaction({ roomId, messageId: sent.id, emoji: "👍" });
    const own = await ada.say(roomId, "mine");
    expect(await codeOf(grace.chat.deleteMessage({ roomId, messageId: own.id }))).toBe(Code.PermissionDenied);
    const { message } = await ada.chat.deleteMessage({ roomId, messageId: sent.id });
    expect(message).toMatchObject({ id: sent.id, seq: sent.seq, text: "", fileIds: [], reactions: [] });
    expect(message?.deleteTime).toBeDefined();
    const { messages } = await ada.chat.listMessages({ roomId, afterSeq: sent.seq - 1n, pageSize: 1 });
    expect(messages[0]).toMatchObject({ id: sent.id, text: "", fileIds: [], reactions: [] });
    const { sql } = lyceum.process.host("chat").database;
    expect(await sql`select text, file_ids from messages where id = ${sent.id}`).toEqual([{ text: "", file_ids: [] }]);
    for (const call of [
      () => ada.chat.deleteMessage({ roomId, messageId: sent.id }),
      () => grace.chat.editMessage({ roomId, messageId: sent.id, text: "back" }),
      () => grace.chat.addReaction({ roomId, messageId: sent.id, emoji: "👍" }),
      () => grace.chat.sendMessage({ roomId, text: "re", replyToId: sent.id }),
    ]) {
      expect(await codeOf(call())).toBe(Code.NotFound);
    }
  });
});

describe("reactions", () => {
  test("count once a person and emoji, in the order of the first", async () => {
    const { id: messageId } = await ada.say(roomId, "react!");
    await grace.chat.addReaction({ roomId, messageId, emoji: "🎉" });
    await grace.chat.addReaction({ roomId, messageId, emoji: "👍🏽" });
    const { message } = await ada.chat.addReaction({ roomId, messageId, emoji: "🎉" });
    expect(message?.reactions.map(({ emoji, userIds }) => [emoji, userIds])).toEqual([
      ["🎉", [grace.userId, ada.userId]],
      ["👍🏽", [grace.userId]],
    ]);
    expect((await ada.chat.addReaction({ roomId, messageId, emoji: "🎉" })).message).toEqual(message);
    await grace.chat.removeReaction({ roomId, messageId, emoji: "👍🏽" });
    const again = await grace.chat.removeReaction({ roomId, messageId, emoji: "👍🏽" });
    expect(again.message?.reactions).toHaveLength(1);
    expect(again.message?.change).toBe((message?.change ?? 0n) + 1n);
  });

  test.each(["x", "1", " ", "👍👍", "nul\0", ":+1:", "\ud83d"])("%j is no emoji", async (emoji) => {
    const { id: messageId } = await ada.say(roomId, "react!");
    expect(await codeOf(ada.chat.addReaction({ roomId, messageId, emoji }))).toBe(Code.InvalidArgument);
    expect(await codeOf(ada.chat.removeReaction({ roomId, messageId, emoji }))).toBe(undefined);
  });

  test("are of at most 50 kinds under one message", async () => {
    const { id: messageId } = await ada.say(roomId, "react!");
    const emojis = Array.from({ length: 51 }, (_, index) => String.fromCodePoint(0x1f400 + index));
    for (const emoji of emojis.slice(0, 50)) await ada.chat.addReaction({ roomId, messageId, emoji });
    expect(await reasonOf(ada.chat.addReaction({ roomId, messageId, emoji: emojis[50] ?? "" }))).toBe(
      "TOO_MANY_REACTIONS",
    );
    await grace.chat.addReaction({ roomId, messageId, emoji: emojis[0] ?? "" });
  });
});

describe("read marks", () => {
  test("move forward only, to what there is at most, and are told", async () => {
    const { seq } = await ada.say(roomId, "read me");
    const listening = ada.follow();
    await listening.ready;
    expect((await grace.chat.markRead({ roomId, seq: 3n })).seq).toBe(3n);
    expect((await grace.chat.markRead({ roomId, seq: 2n })).seq).toBe(3n);
    expect((await grace.chat.markRead({ roomId, seq: 2n ** 63n - 1n })).seq).toBe(seq);
    expect((await grace.chat.getRoom({ roomId })).room?.readSeq).toBe(seq);
    const { members } = await ada.chat.listMembers({ roomId });
    expect(members.map(({ readSeq }) => readSeq)).toEqual([0n, seq]);
    await listening.until(() =>
      expect(listening.of("read")).toMatchObject([
        { roomId, userId: grace.userId, seq: 3n },
        { roomId, userId: grace.userId, seq },
      ]),
    );
    listening.close();
    expect(await codeOf(joan.chat.markRead({ roomId, seq: 1n }))).toBe(Code.NotFound);
  });
});

describe("typing", () => {
  test("is told to the others, once in a while", async () => {
    const [adas, graces] = [ada.follow(), grace.follow()];
    await Promise.all([adas.ready, graces.ready]);
    for (let count = 0; count < 5; count += 1) await grace.chat.setTyping({ roomId });
    await ada.say(roomId, "go on");
    await Promise.all([adas, graces].map((one) => one.until(() => expect(one.of("message")).toHaveLength(1))));
    expect(adas.of("typing")).toMatchObject([{ roomId, userId: grace.userId }]);
    expect(graces.of("typing")).toEqual([]);
    adas.close();
    graces.close();
    expect(await codeOf(joan.chat.setTyping({ roomId }))).toBe(Code.NotFound);
  });
});

describe("attached files", () => {
  test("are granted to the room first, under the sender's rights", async () => {
    const { files } = lyceum.world;
    files.set("mine", { name: "mine.pdf", readers: new Set([ada.userId]), shareable: true });
    files.set("lent", { name: "lent.pdf", readers: new Set([ada.userId, grace.userId]), shareable: false });
    const sent = await ada.say(roomId, "", { fileIds: ["mine", "mine"] });
    expect(sent.fileIds).toEqual(["mine"]);
    expect(lyceum.world.granted.at(-1)).toMatchObject({ roomId, fileIds: ["mine"] });
    const { room } = await ada.chat.getRoom({ roomId });
    const attach = (person: TestPerson, fileIds: string[]) => person.chat.sendMessage({ roomId, text: "see", fileIds });
    expect(await codeOf(attach(ada, ["none"]))).toBe(Code.NotFound);
    expect(await codeOf(attach(grace, ["mine"]))).toBe(Code.NotFound);
    expect(await codeOf(attach(ada, ["lent"]))).toBe(Code.PermissionDenied);
    const granted = lyceum.world.granted.length;
    expect(await codeOf(attach(joan, ["lent"]))).toBe(Code.NotFound);
    expect(lyceum.world.granted).toHaveLength(granted);
    lyceum.world.filesDown = true;
    expect(await codeOf(attach(ada, ["mine"]))).toBe(Code.Unavailable);
    lyceum.world.filesDown = false;
    expect((await ada.chat.getRoom({ roomId })).room?.lastChange).toBe(room?.lastChange);
  });
});
