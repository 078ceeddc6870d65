import { Code } from "@connectrpc/connect";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, readAnswer, startRag, type TestRag } from "../test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

const find = async (userId: string, query: string, more: { roomId?: string; fileIds?: string[] } = {}) =>
  (await rag.as(userId).search({ query, ...more })).passages.map(({ text }) => text);
const eventually = (assertion: () => Promise<void>) => rag.process.eventually(assertion);

test("what is shared with a room is found by its members, and no longer by who left, with caches warm", async () => {
  const file = await rag.add("grace", "room.txt", ["Dotterels nest on high ground."]);
  await rag.join("hills", "grace", "mary", "kate");
  await rag.shareWithRoom(file, "hills");
  await eventually(async () => expect(await find("mary", "dotterels")).toHaveLength(1));
  expect(await find("kate", "dotterels")).toHaveLength(1);
  await rag.leave("hills", "mary", { tell: false });
  expect(await find("mary", "dotterels")).toEqual([]);
  await rag.leave("hills", "kate");
  await rag.settled();
  expect(await find("kate", "dotterels")).toEqual([]);
  expect(await find("grace", "dotterels")).toHaveLength(1);
});

test("who left, and a room that is gone, do not come back by what comes late", async () => {
  const { sql } = rag.process.host("rag").database;
  const membersOf = async (roomId: string) =>
    (await sql`select user_id from room_members where room_id = ${roomId} and active`).map(({ user_id }) => user_id);
  await rag.join("late", "ada", "mary");
  await rag.leave("late", "mary");
  await rag.settled();
  await rag.publish(roomMemberAdded({ roomId: "late", userId: "mary", role: "OWNER", version: 2 }));
  await rag.settled();
  expect(await membersOf("late")).toEqual(["ada"]);
  await rag.deleteRoom("late");
  await rag.settled();
  await rag.publish(roomMemberAdded({ roomId: "late", userId: "mary", role: "OWNER", version: 99 }));
  await rag.settled();
  expect(await membersOf("late")).toEqual([]);
});

test("in a room only what every member may read is found", async () => {
  await rag.join("study", "ada", "mary");
  const granted = await rag.add("ada", "granted.txt", ["Whimbrels whistle: granted to the room."]);
  await rag.shareWithRoom(granted, "study");
  const each = await rag.add("ada", "each.txt", ["Whimbrels whistle: shared with each."]);
  await rag.share(each, "mary");
  const foreign = await rag.add("grace", "foreign.txt", ["Whimbrels whistle: shared by a third with both."]);
  await rag.share(foreign, "ada");
  await rag.share(foreign, "mary");
  await rag.add("ada", "mine.txt", ["Whimbrels whistle: Ada's alone."]);
  await rag.add("mary", "yours.txt", ["Whimbrels whistle: Mary's alone."]);
  for (const userId of ["ada", "mary"]) {
    await eventually(async () =>
      expect((await find(userId, "whimbrels", { roomId: "study" })).toSorted()).toEqual([
        "Whimbrels whistle: granted to the room.",
        "Whimbrels whistle: shared by a third with both.",
        "Whimbrels whistle: shared with each.",
      ]),
    );
  }
  expect(await find("ada", "whimbrels")).toHaveLength(4);
  const { citations } = await readAnswer(rag.as("ada"), { question: "How do whimbrels whistle?", roomId: "study" });
  expect(citations.length).toBeGreaterThan(0);
  for (const { quote } of citations) expect(quote).not.toContain("alone");
  await rag.join("study", "lise");
  expect(await find("ada", "whimbrels", { roomId: "study" })).toEqual(["Whimbrels whistle: granted to the room."]);
});

test("given files must be readable by the whole room", async () => {
  await rag.join("given", "ada", "mary");
  const mine = await rag.add("ada", "mine.txt", ["Godwits probe the mud."]);
  const asked = { roomId: "given", fileIds: [mine.id] };
  expect(await codeOf(find("ada", "godwits", asked))).toBe(Code.NotFound);
  await rag.shareWithRoom(mine, "given");
  expect(await find("ada", "godwits", asked)).toHaveLength(1);
});

test("a room one does not belong to is not found, nor is an unknown one", async () => {
  await rag.join("closed", "grace");
  for (const roomId of ["closed", "unknown"]) {
    expect(await codeOf(find("ada", "anything", { roomId }))).toBe(Code.NotFound);
    expect(await codeOf(readAnswer(rag.as("ada"), { question: "Anything?", roomId }))).toBe(Code.NotFound);
  }
});
