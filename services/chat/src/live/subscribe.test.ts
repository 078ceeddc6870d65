import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { PresenceState } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropOldChanges, openFeed, readOutlook } from "../feed-store.ts";
import { changesOf, codeOf, startChat, type TestChat, type TestPerson } from "../test-chat.ts";
import type { TestFollower } from "../test-follower.ts";
import { writeCursor } from "./cursor.ts";

let lyceum: TestChat;
let ada: TestPerson;
let grace: TestPerson;
beforeAll(async () => {
  lyceum = await startChat();
  [ada, grace] = [lyceum.newPerson("Ada"), lyceum.newPerson("Grace")];
});
afterAll(() => lyceum[Symbol.asyncDispose]());

async function listen(person: TestPerson, cursor?: string): Promise<TestFollower> {
  const follower = person.follow(cursor);
  await follower.ready;
  return follower;
}

const textsOf = (follower: TestFollower, roomId: string) =>
  follower.of("message").flatMap((message) => (message.roomId === roomId && message.text ? [message.text] : []));

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a subscription", () => {
  test("begins with ready and brings every durable change of a room, in order", async () => {
    const roomId = await ada.newRoom(grace);
    await using follower = await listen(grace);
    expect(follower.responses[0]?.event.case).toBe("ready");
    const { id: messageId } = await ada.say(roomId, "one", { clientId: "mine" });
    await ada.chat.editMessage({ roomId, messageId, text: "two" });
    await ada.chat.addReaction({ roomId, messageId, emoji: "👍" });
    await ada.chat.removeReaction({ roomId, messageId, emoji: "👍" });
    await ada.chat.addMembers({ roomId, userIds: [grace.userId], role: MemberRole.OWNER });
    await ada.chat.deleteMessage({ roomId, messageId });
    await follower.until(() => expect(changesOf(follower.responses, roomId)).toEqual(range(5, 11)));
    const events = follower.responses.flatMap(({ event }) => (event.case === "presence" ? [] : [event.case]));
    expect(events.slice(1)).toEqual([
      "message",
      "messageEdited",
      "reaction",
      "reaction",
      "membership",
      "message",
      "messageDeleted",
    ]);
    expect(follower.of("message")[0]).toMatchObject({ text: "one", senderId: ada.userId, clientId: "" });
    expect(follower.of("messageEdited")[0]).toMatchObject({ text: "two", change: 6n });
    expect(follower.of("reaction")).toMatchObject([
      { messageId, userId: ada.userId, emoji: "👍", removed: false },
      { messageId, userId: ada.userId, emoji: "👍", removed: true },
    ]);
    expect(follower.of("membership")[0]).toMatchObject({
      userId: grace.userId,
      role: MemberRole.OWNER,
      removed: false,
    });
    expect(follower.of("messageDeleted")[0]).toMatchObject({ messageId });
    expect(follower.responses.every(({ cursor }) => cursor.length > 0 && cursor.length <= 256)).toBe(true);
  });

  test("shows the sender the id they gave a message, on all their devices, and nobody else", async () => {
    const roomId = await ada.newRoom(grace);
    await using one = await listen(ada);
    await using two = await listen(ada);
    await using other = await listen(grace);
    await ada.say(roomId, "mine", { clientId: "my-own-id" });
    for (const [follower, clientId] of [
      [one, "my-own-id"],
      [two, "my-own-id"],
      [other, ""],
    ] as const) {
      await follower.until(() => expect(follower.of("message")).toMatchObject([{ text: "mine", clientId }]));
    }
  });

  test("brings a room from the moment its person comes in, and their own leaving last", async () => {
    const mae = lyceum.newPerson("Mae");
    await using follower = await listen(mae);
    const roomId = await ada.newRoom();
    await ada.say(roomId, "before");
    await ada.chat.addMembers({ roomId, userIds: [mae.userId] });
    await ada.say(roomId, "during");
    await follower.until(() => expect(textsOf(follower, roomId)).toEqual(["during"]));
    await ada.chat.removeMember({ roomId, userId: mae.userId });
    await ada.say(roomId, "after");
    await ada.chat.setTyping({ roomId });
    // What comes by another room shows that nothing more is on its way.
    const elsewhere = await ada.newRoom(mae);
    await follower.until(() => expect(changesOf(follower.responses, elsewhere)).toContain(4));
    expect(changesOf(follower.responses, roomId)).toEqual(range(4, 8));
    const ofRoom = follower.responses.filter(({ event }) => (event.value as { roomId?: string })?.roomId === roomId);
    expect(ofRoom.at(-1)?.event).toMatchObject({
      case: "membership",
      value: { userId: mae.userId, removed: true, change: 8n },
    });
  });

  test("tells each member of a deleted room that they are out, and nothing more of it", async () => {
    const roomId = await ada.newRoom(grace);
    await using adas = await listen(ada);
    await using graces = await listen(grace);
    await ada.chat.deleteRoom({ roomId });
    for (const [follower, person] of [
      [adas, ada],
      [graces, grace],
    ] as const) {
      await follower.until(() =>
        expect(follower.of("membership").filter((change) => change.roomId === roomId)).toMatchObject([
          { userId: person.userId, removed: true, change: 5n },
        ]),
      );
    }
  });

  test("ends with its session", async () => {
    const sessionId = randomUUID();
    const follower = lyceum.personOf(grace.userId, sessionId).follow();
    await follower.ready;
    await lyceum.process.publish(sessionRevoked({ sessionId, userId: grace.userId, version: 1 }));
    expect((await follower.ended)?.code).toBe(Code.Unauthenticated);
  });

  test("whose reader does not read is cut, and can be resumed", async () => {
    const roomId = await ada.newRoom(grace);
    await using follower = await listen(grace);
    const slow = grace.chat.subscribe({})[Symbol.asyncIterator]();
    await slow.next();
    await slow.next();
    await ada.say(roomId, "before");
    const options = await lyceum.asRag();
    const growth = { roomId, messageId: "answer", answerId: "answer", delta: "x".repeat(16_000) };
    await Promise.all(range(1, 100).map(() => lyceum.internal.growAssistantMessage(growth, options)));
    await ada.say(roomId, "after");
    await follower.until(() => expect(textsOf(follower, roomId)).toEqual(["before", "after"]));
    let cursor = "";
    const cut = await (async () => {
      for (;;) {
        const { value, done } = await slow.next();
        if (done) return;
        cursor = value.cursor;
      }
    })().catch((error) => error);
    expect([cut?.code, cut?.findDetails(ErrorInfoSchema)[0]?.reason]).toEqual([Code.ResourceExhausted, "TOO_SLOW"]);
    await using resumed = await listen(grace, cursor);
    expect(changesOf(resumed.responses, roomId).at(-1)).toBe(6);
  });

  test("tells who of those who share a room is there", async () => {
    const [bea, cleo, dora] = [lyceum.newPerson(), lyceum.newPerson(), lyceum.newPerson()];
    await bea.newRoom(cleo);
    await using beas = await listen(bea);
    await using doras = await listen(dora);
    await using cleos = await listen(cleo);
    const { ONLINE } = PresenceState;
    await beas.until(() => expect(beas.of("presence")[0]).toMatchObject({ userId: cleo.userId, state: ONLINE }));
    await cleos.until(() => expect(cleos.of("presence")[0]).toMatchObject({ userId: bea.userId, state: ONLINE }));
    expect(doras.of("presence")).toEqual([]);
  });

  test("tells it only those whom the person lets know, those who listen already too", async () => {
    const [mia, friend, mate] = [lyceum.newPerson(), lyceum.newPerson(), lyceum.newPerson()];
    await mia.newRoom(friend, mate);
    await mia.chat.createRoom({ kind: RoomKind.DIRECT, memberIds: [friend.userId] });
    const { NOBODY, DIRECT, ROOMS } = PresenceAudience;
    const choose = async (audience: PresenceAudience) => {
      lyceum.world.audiences.set(mia.userId, audience);
      await lyceum.profileChanged(mia.userId);
    };
    lyceum.world.audiences.set(mia.userId, NOBODY);
    await using friends = await listen(friend);
    await using mates = await listen(mate);
    await using _ = await listen(mia);
    const seenBy = ({ of }: TestFollower) =>
      of("presence").flatMap(({ userId, state }) => (userId === mia.userId ? [state === PresenceState.ONLINE] : []));
    await choose(DIRECT);
    await friends.until(() => expect(seenBy(friends)).toEqual([true]));
    await using later = await listen(mate);
    await using latest = await listen(friend);
    await latest.until(() => expect(seenBy(latest)).toEqual([true]));
    await choose(ROOMS);
    await later.until(() => expect(seenBy(later)).toEqual([true]));
    await choose(NOBODY);
    await mates.until(() => expect(seenBy(mates)).toEqual([true, false]));
    await friends.until(() => expect(seenBy(friends)).toEqual([true, false]));
  });
});

describe("a cursor", () => {
  test("goes on where it was left, room by room, without a gap", async () => {
    const [one, two] = [await ada.newRoom(grace), await ada.newRoom(grace)];
    const first = await listen(grace);
    await ada.say(one, "heard");
    await first.until(() => expect(textsOf(first, one)).toEqual(["heard"]));
    first.close();
    await Promise.all(range(0, 419).map((index) => ada.say(index % 2 ? one : two, `${index}`)));
    const { id: messageId } = await ada.say(two, "to be changed");
    await ada.chat.editMessage({ roomId: two, messageId, text: "changed" });
    await using second = await listen(grace, first.cursor);
    const heard = (roomId: string) => changesOf([...first.responses, ...second.responses], roomId);
    expect([...new Set(heard(one))]).toEqual(range(5, 215));
    expect([...new Set(heard(two))].slice(-212)).toEqual(range(5, 216));
    expect(second.responses.at(-1)?.event.case).not.toBe("message");
    await ada.say(one, "live");
    await second.until(() => expect(textsOf(second, one).at(-1)).toBe("live"));
  });

  test("brings what happened to one's memberships meanwhile, and nothing of rooms one is out of", async () => {
    const mae = lyceum.newPerson("Mae");
    const [left, gone] = [await ada.newRoom(mae), await ada.newRoom(mae)];
    const first = await listen(mae);
    first.close();
    await ada.say(left, "a secret");
    await ada.chat.removeMember({ roomId: left, userId: mae.userId });
    await ada.chat.deleteRoom({ roomId: gone });
    const fresh = await ada.newRoom();
    await ada.say(fresh, "before mae");
    await ada.chat.addMembers({ roomId: fresh, userIds: [mae.userId] });
    await using second = await listen(mae, first.cursor);
    expect(changesOf(second.responses, left)).toEqual([7]);
    expect(changesOf(second.responses, gone)).toEqual([5]);
    expect(second.of("membership").filter(({ removed }) => removed)).toHaveLength(2);
    expect(changesOf(second.responses, fresh)).toEqual([4, 5]);
    expect(JSON.stringify(second.of("message").map(({ text }) => text))).not.toContain("secret");
  });

  test("skips nothing that committed late: transactions do not end in the order they began", async () => {
    const { database } = lyceum.process.host("chat");
    const roomIds = [await ada.newRoom(grace), await ada.newRoom(grace)];
    const [slowRoom, fastRoom] = roomIds as [string, string];
    const first = await listen(grace);
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    // A change of another process, which has its transaction's number long before it commits.
    const slow = database.transaction(async (tx) => {
      const sql = database.sqlOf(tx);
      await sql`update rooms set last_change = last_change + 1 where id = ${slowRoom}`;
      await sql`insert into changes (room_id, change, kind, message_id)
        select ${slowRoom}, 5, 'message', id from messages where room_id = ${slowRoom} and seq = 1`;
      begun.resolve();
      await finish;
    });
    await begun.promise;
    for (const index of range(1, 5)) await ada.say(fastRoom, `${index}`);
    await first.until(() => expect(textsOf(first, fastRoom)).toHaveLength(5));
    // Far longer than it takes to look up to where everything was told.
    await sleep(600);
    await ada.say(fastRoom, "6");
    await first.until(() => expect(textsOf(first, fastRoom)).toHaveLength(6));
    first.close();
    resolve();
    await slow;
    await using second = await listen(grace, first.cursor);
    expect(changesOf(second.responses, slowRoom)).toEqual([5]);
  });

  test("of another home, of the future, damaged or too old begins anew with the reason", async () => {
    const { database } = lyceum.process.host("chat");
    const feed = await openFeed(database);
    const { horizon, end } = await readOutlook(database.db);
    const reasonAt = async (cursor: string) => {
      await using follower = await listen(grace, cursor);
      expect(follower.responses[0]?.event.case).toBe("reset");
      expect(follower.responses[1]?.event.case).toBe("ready");
      return follower.of("reset")[0]?.reason;
    };
    expect(await reasonAt(writeCursor({ ...feed, id: "0011223344556677" }, horizon))).toBe("FOREIGN");
    expect(await reasonAt(writeCursor(feed, end + 1_000))).toBe("FUTURE");
    expect(await reasonAt("garbage")).toBe("DAMAGED");
    expect(await reasonAt("x".repeat(4_000))).toBe("DAMAGED");
    expect(await reasonAt(writeCursor({ ...feed, secret: "00" }, horizon))).toBe("DAMAGED");
    await ada.newRoom(grace);
    await dropOldChanges(database, new Date(Date.now() + 60_000));
    expect(await reasonAt(writeCursor(feed, horizon))).toBe("EXPIRED");
    expect(await codeOf(grace.follow("x".repeat(4_097)).ready)).toBe(Code.InvalidArgument);
  });

  test("survives twenty clients that come and go at random while everybody talks", async () => {
    const random = createRandom(7);
    const people = Array.from({ length: 5 }, () => lyceum.newPerson());
    const [host, ...guests] = people as [TestPerson, ...TestPerson[]];
    const roomIds = await Promise.all(range(1, 4).map(() => host.newRoom(...guests)));
    let isOver = false;
    const clients = Array.from({ length: 20 }, async (_, index) => {
      const person = people[index % people.length] as TestPerson;
      const heard = new Map(roomIds.map((id) => [id, [] as number[]]));
      let cursor = "";
      for (let last = false; ; ) {
        const follower = await listen(person, cursor);
        const isThrough = (id: string) =>
          (changesOf(follower.responses, id).at(-1) ?? heard.get(id)?.at(-1)) === ends.get(id);
        if (last) await follower.until(() => expect(roomIds.every(isThrough)).toBe(true));
        else await sleep(random(60));
        follower.close();
        for (const [id, numbers] of heard) {
          for (const change of changesOf(follower.responses, id))
            if (change > (numbers.at(-1) ?? 0)) numbers.push(change);
        }
        cursor = follower.cursor;
        if (last) return heard;
        last = isOver;
      }
    });
    // Everybody is there once before it begins.
    await sleep(200);
    const ends = new Map<string, number>();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        people.map(async (person) => {
          const { roomId, change } = await person.say(roomIds[random(4)] as string, "talk");
          ends.set(roomId, Math.max(ends.get(roomId) ?? 0, Number(change)));
        }),
      );
    }
    isOver = true;
    for (const heard of await Promise.all(clients)) {
      for (const [id, numbers] of heard) {
        expect(numbers).toEqual(range(numbers[0] ?? 0, ends.get(id) ?? 0));
        expect(numbers[0]).toBeLessThanOrEqual(11);
      }
    }
  });
});
