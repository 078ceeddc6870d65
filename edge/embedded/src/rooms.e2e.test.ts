import { randomUUID } from "node:crypto";
import { eventually, tempFolder } from "@lyceum/testing";
import { type Listener, listen } from "@lyceum/testing/listener.ts";
import { type Json, type Person, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let home: string;
let program: Program;
let url: string;
let ada: Person;
let bob: Person;
let eve: Person;
let adaHears: Listener;
let bobHears: Listener;
let roomId: string;
let fileId: string;

beforeAll(async () => {
  home = await tempFolder();
  program = await startProgram(home);
  url = program.url;
  [ada, bob, eve] = (await Promise.all(["Ada", "Bob", "Eve"].map((name) => signUp(url, name)))) as [
    Person,
    Person,
    Person,
  ];
  [adaHears, bobHears] = [listen(url, ada), listen(url, bob)];
  await Promise.all([adaHears.ready(), bobHears.ready()]);
}, 300_000);

afterAll(async () => {
  await Promise.all([adaHears, bobHears].map((listener) => listener?.[Symbol.asyncDispose]()));
  await program?.[Symbol.asyncDispose]();
});

const say = (person: Person, text: string, more: object = {}): Promise<Json> =>
  person.post(`/v1/rooms/${roomId}/messages`, { clientId: randomUUID(), text, ...more });
const heardTexts = ({ heard }: Listener) =>
  heard.flatMap(({ message }) => (message?.kind === "MESSAGE_KIND_TEXT" ? [message.text] : []));
const messagesOf = async (person: Person): Promise<Json[]> =>
  (await person.json(`/v1/rooms/${roomId}/messages?pageSize=250`)).messages;

test("two people in a room hear each other, and a third hears nothing", async () => {
  await using eveHears = listen(url, eve);
  await eveHears.ready();
  const { room } = await ada.post("/v1/rooms", { kind: "ROOM_KIND_GROUP", title: "Tides", memberIds: [bob.userId] });
  roomId = room.id;
  await say(ada, "Hello Bob");
  await say(bob, "Hello Ada");
  await eventually(() => {
    for (const listener of [adaHears, bobHears]) expect(heardTexts(listener)).toEqual(["Hello Bob", "Hello Ada"]);
  });
  const messages = await messagesOf(bob);
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, at) => `${at + 1}`));
  expect((await eve.fetch(`/v1/rooms/${roomId}/messages`)).status).toBe(404);
  expect(eveHears.heard.filter((frame) => !frame.ready && !frame.heartbeat && !frame.presence)).toEqual([]);
});

test("a message sent a thousand times with one clientId is there once", async () => {
  const clientId = randomUUID();
  const before = (await messagesOf(ada)).length;
  for (let round = 0; round < 10; round += 1) {
    const sent = await Promise.all(Array.from({ length: 100 }, () => say(ada, "Only once", { clientId })));
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
  }
  expect((await messagesOf(ada)).length).toBe(before + 1);
  await eventually(() => expect(heardTexts(bobHears).filter((text) => text === "Only once")).toHaveLength(1));
});

test("an attached file is the room's, and @assistant answers everybody from it, cited", async () => {
  fileId = await ada.upload(
    "tides.md",
    "# Tides\n\nSpring tides happen when the sun and the moon pull in line, at new and full moon.\n",
  );
  await ada.settled(fileId);
  expect((await bob.fetch(`/v1/files/${fileId}`)).status).toBe(404);
  await say(ada, "Look at this", { fileIds: [fileId] });
  expect((await bob.json(`/v1/files/${fileId}`)).file.id).toBe(fileId);
  const { message: question } = await say(bob, "@assistant When do spring tides happen?");
  for (const listener of [adaHears, bobHears]) {
    const finished = await eventually(
      () => {
        const edited = listener.heard.find(({ messageEdited }) => messageEdited?.kind === "MESSAGE_KIND_ASSISTANT");
        expect(edited).toBeDefined();
        return edited?.messageEdited as Json;
      },
      { timeoutMs: 30_000 },
    );
    expect(finished).toMatchObject({
      senderId: "assistant",
      replyToId: question.id,
      finishReason: "FINISH_REASON_STOP",
    });
    expect(finished.text).toContain("new and full moon");
    expect(finished.citations[0]).toMatchObject({ number: 1, fileId, fileName: "tides.md", verified: true });
    const begun = listener.heard.find(({ message }) => message?.id === finished.id)?.message;
    expect(begun.text).toBe("");
    const grown = listener.heard.flatMap(({ answer }) => (answer?.messageId === finished.id ? [answer] : []));
    expect(grown.map(({ delta }) => delta).join("")).toBe(finished.text);
  }
  const shown = (await messagesOf(bob)).findLast(({ kind }) => kind === "MESSAGE_KIND_ASSISTANT");
  const { text } = await bob.json(`/v1/documents/${fileId}/text`);
  const [{ quote, locator }] = shown.citations;
  expect(text.slice(locator.charStart, locator.charEnd)).toBe(quote);
});

test("a private answer reaches its asker alone and takes no place in the room", async () => {
  const before = await messagesOf(ada);
  const { message: question } = await say(bob, "@assistant private: When do spring tides happen?");
  const answerId = await eventually(
    () => {
      const last = bobHears.heard.find(({ answer }) => answer?.messageId === question.id && answer.done);
      expect(last).toBeDefined();
      return last?.answer.answerId as string;
    },
    { timeoutMs: 30_000 },
  );
  expect((await bob.json(`/v1/answers/${answerId}`)).answer.text).toContain("new and full moon");
  expect((await ada.fetch(`/v1/answers/${answerId}`)).status).toBe(404);
  expect(adaHears.heard.some(({ answer }) => answer?.messageId === question.id)).toBe(false);
  expect((await messagesOf(ada)).length).toBe(before.length + 1);
});

test("nothing is lost or doubled when everything is killed and started again in the middle", async () => {
  const acknowledged: string[] = [];
  const talk = async (person: Person, name: string) => {
    for (let at = 0; at < 20; at += 1) {
      const text = `${name} ${at}`;
      const clientId = randomUUID();
      // As a client does: the same message again until it is acknowledged.
      await eventually(() => say(person, text, { clientId }), { timeoutMs: 240_000 });
      acknowledged.push(text);
    }
  };
  const talking = Promise.all([talk(ada, "ada"), talk(bob, "bob")]);
  await eventually(() => expect(acknowledged.length).toBeGreaterThan(5));
  await program.end("SIGKILL");
  program = await startProgram(home, {}, Number(new URL(url).port));
  await talking;
  await Promise.all([adaHears.ready(), bobHears.ready()]);
  const order = (await messagesOf(ada)).map(({ text }) => text).filter((text) => /^(ada|bob) \d+$/.test(text));
  expect(order.toSorted()).toEqual(acknowledged.toSorted());
  await eventually(() => {
    for (const listener of [adaHears, bobHears])
      expect(heardTexts(listener).filter((text) => /^(ada|bob) \d+$/.test(text))).toEqual(order);
  });
}, 300_000);

test("a cursor of another home is answered by reset first", async () => {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
  const first = await new Promise<Json>((resolve) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: ada.token, cursor: "Zm9yZWlnbg" }));
    socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)));
  });
  socket.close();
  expect(first.reset).toBeDefined();
});

test("who is removed hears that last, and neither reads nor searches on", async () => {
  expect((await ada.fetch(`/v1/rooms/${roomId}/members/${bob.userId}`, { method: "DELETE" })).status).toBe(200);
  expect((await bob.fetch(`/v1/files/${fileId}`)).status).toBe(404);
  expect((await bob.post("/v1/search", { query: "spring tides" })).passages).toEqual([]);
  expect((await bob.fetch(`/v1/rooms/${roomId}/messages`)).status).toBe(404);
  await say(ada, "Bob is gone");
  await eventually(() => expect(heardTexts(adaHears)).toContain("Bob is gone"));
  const last = bobHears.heard.findLast((frame) => JSON.stringify(frame).includes(roomId));
  expect(last?.membership).toMatchObject({ roomId, userId: bob.userId, removed: true });
});

test("a session that ends closes its socket with 4401 within two seconds", async () => {
  await ada.post("/v1/auth/sign-out", {});
  await eventually(() => expect(adaHears.closed.at(-1)).toBe(4401), { timeoutMs: 3_000 });
});
