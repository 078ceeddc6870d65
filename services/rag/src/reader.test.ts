import { Code } from "@connectrpc/connect";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFor } from "./reader.ts";
import { codeOf, startRag, type TestFile, type TestRag } from "./test-rag.ts";

let rag: TestRag;
beforeAll(async () => {
  rag = await startRag();
});
afterAll(() => rag[Symbol.asyncDispose]());

test("whoever is not there any more is read for under their own rights", async () => {
  const mine = await rag.add("ada", "mine.txt", ["Mine."]);
  const foreign = await rag.add("grace", "foreign.txt", ["Foreign."]);
  const { signal } = new AbortController();
  const reader = await readFor(rag.process.host("rag"), { userId: "ada", signal }, "");
  expect((await reader.listScope("letters")).map(({ fileId }) => fileId)).toEqual([mine.id]);
  expect((await reader.listReadable([mine.id, foreign.id])).map(({ id }) => id)).toEqual([mine.id]);
  await rag.join("room", "grace");
  const inRoom = readFor(rag.process.host("rag"), { userId: "ada", signal }, "room");
  expect(await codeOf(inRoom)).toBe(Code.NotFound);
});

test("of 1,000 probes, alone and in rooms, none finds what its asker or room may not read, and each all it may", async () => {
  const random = createRandom(7);
  const people = Array.from({ length: 8 }, (_, at) => `person-${at}`);
  const rooms = ["r0", "r1", "r2", "r3"];
  const pick = <T>(list: readonly T[]) => list[random(list.length)] as T;
  for (const roomId of rooms) await rag.join(roomId, ...people.filter(() => random(3) > 0));
  const files: TestFile[] = [];
  for (let at = 0; at < 30; at++) {
    const owner = pick(people);
    files.push(await rag.put(owner, `probe-${at}.txt`, [`Avocet number ${at} of ${owner}.`]));
  }
  for (const file of files) {
    for (const userId of people) if (userId !== file.ownerId && random(2) > 0) await rag.share(file, userId);
    if (random(3) === 0) await rag.shareWithRoom(file, pick(rooms));
  }
  for (let change = 0; change < 30; change++) {
    const file = pick(files);
    const [userId] = file.readers;
    if (userId && !userId.startsWith("room:")) await rag.revoke(file, userId);
    await rag.leave(pick(rooms), pick(people));
  }
  await rag.process.eventually(() => {
    for (const file of files) expect(rag.eventsOf(file.id)).toContain("DocumentIndexed");
  });
  await rag.settled();

  const hasOwn = (file: TestFile, userId: string) => file.ownerId === userId || file.readers.has(userId);
  const membersOf = (roomId: string) => [...(rag.chat.rooms.get(roomId)?.members ?? [])];
  const mayRead = (file: TestFile, userId: string, roomId: string) =>
    roomId
      ? file.readers.has(`room:${roomId}`) || membersOf(roomId).every((member) => hasOwn(file, member))
      : hasOwn(file, userId) || rooms.some((id) => membersOf(id).includes(userId) && file.readers.has(`room:${id}`));
  const { signal } = new AbortController();
  const listScope = async (userId: string, roomId: string) =>
    (await readFor(rag.process.host("rag"), { userId, signal }, roomId)).listScope("letters");
  const search = async (userId: string, roomId: string) =>
    (await rag.as(userId).search({ query: "avocet", limit: 100, roomId })).passages;
  /** Every tenth is a search to its end; what it begins with is the same for all. */
  const probe = async (at: number): Promise<number> => {
    const userId = pick(people);
    const roomId = random(2) ? pick(rooms) : "";
    const probed = at === 0 ? search(userId, roomId) : listScope(userId, roomId);
    if (roomId && !membersOf(roomId).includes(userId)) {
      expect(await codeOf(probed)).toBe(Code.NotFound);
      return 0;
    }
    const found = (await probed).map(({ fileId }) => fileId);
    const expected = files.filter((file) => mayRead(file, userId, roomId)).map(({ id }) => id);
    expect(found.toSorted()).toEqual(expected.toSorted());
    return found.length;
  };
  let found = 0;
  for (let at = 0; at < 100; at++) {
    const counts = await Promise.all(Array.from({ length: 10 }, (_, index) => probe(index)));
    found += counts.reduce((sum, count) => sum + count);
  }
  expect(found).toBeGreaterThan(3_000);
}, 30_000);
