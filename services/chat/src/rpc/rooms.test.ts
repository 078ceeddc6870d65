import { Code } from "@connectrpc/connect";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, reasonOf, startChat, type TestChat, type TestPerson } from "../test-chat.ts";

const { GROUP, DIRECT } = RoomKind;
const { OWNER, MEMBER } = MemberRole;

let lyceum: TestChat;
let ada: TestPerson;
let grace: TestPerson;
let joan: TestPerson;
beforeAll(async () => {
  lyceum = await startChat();
  ada = lyceum.newPerson("Ada");
  grace = lyceum.newPerson("Grace");
  joan = lyceum.newPerson("Joan");
});
afterAll(() => lyceum[Symbol.asyncDispose]());

const rolesIn = async (roomId: string) =>
  new Map((await ada.chat.listMembers({ roomId })).members.map(({ displayName, role }) => [displayName, role]));

describe("a group", () => {
  test("is its maker's, and the others are members, each announced by a message", async () => {
    const memberIds = [grace.userId, ada.userId, grace.userId];
    const { room } = await ada.chat.createRoom({ kind: GROUP, title: " Night shift ", memberIds });
    expect(room).toMatchObject({ kind: GROUP, title: "Night shift", role: OWNER, memberCount: 2, peerId: "" });
    expect([room?.lastSeq, room?.lastChange]).toEqual([2n, 4n]);
    const roomId = room?.id ?? "";
    expect(await rolesIn(roomId)).toEqual(
      new Map([
        ["Ada", OWNER],
        ["Grace", MEMBER],
      ]),
    );
    expect((await grace.chat.getRoom({ roomId })).room?.role).toBe(MEMBER);
    const { messages } = await grace.chat.listMessages({ roomId });
    expect(messages.map(({ seq, kind, senderId, membership }) => [seq, kind, senderId, membership?.userId])).toEqual([
      [1n, MessageKind.MEMBERSHIP, ada.userId, ada.userId],
      [2n, MessageKind.MEMBERSHIP, ada.userId, grace.userId],
    ]);
  });

  test.each([
    ["", []],
    ["   ", []],
    ["x".repeat(121), []],
    ["bell\u0007", []],
    ["right\u202eto left", []],
    ["fine", [""]],
    ["fine", Array.from({ length: 251 }, (_, index) => `${index}`)],
  ])("is refused with the title %j and %j", async (title, memberIds) => {
    expect(await codeOf(ada.chat.createRoom({ kind: GROUP, title, memberIds }))).toBe(Code.InvalidArgument);
  });

  test("is not made with anybody unknown", async () => {
    const title = "Strangers";
    for (const stranger of ["nobody", "nul\0", "x".repeat(64)]) {
      const memberIds = [grace.userId, stranger];
      expect(await codeOf(ada.chat.createRoom({ kind: GROUP, title, memberIds }))).toBe(Code.NotFound);
    }
    expect((await ada.chat.listRooms({})).rooms.map((room) => room.title)).not.toContain(title);
  });

  test("is renamed by its owners only", async () => {
    const roomId = await ada.newRoom(grace);
    const listening = grace.follow();
    await listening.ready;
    expect((await ada.chat.updateRoom({ roomId, title: "Day shift" })).room?.title).toBe("Day shift");
    expect((await ada.chat.updateRoom({ roomId })).room?.title).toBe("Day shift");
    await listening.until(() => expect(listening.of("room")).toMatchObject([{ roomId, title: "Day shift" }]));
    listening.close();
    expect(await codeOf(grace.chat.updateRoom({ roomId, title: "Mine" }))).toBe(Code.PermissionDenied);
    expect(await codeOf(joan.chat.updateRoom({ roomId, title: "Mine" }))).toBe(Code.NotFound);
    expect(await codeOf(ada.chat.updateRoom({ roomId, title: " " }))).toBe(Code.InvalidArgument);
  });
});

describe("a direct room", () => {
  test("is the same whoever asks for it, also at once", async () => {
    const [bea, cleo] = [lyceum.newPerson(), lyceum.newPerson()];
    const ask = (from: TestPerson, to: TestPerson) => from.chat.createRoom({ kind: DIRECT, memberIds: [to.userId] });
    const made = await Promise.all([ask(bea, cleo), ask(cleo, bea), ask(bea, cleo), ask(cleo, bea)]);
    expect(new Set(made.map(({ room }) => room?.id)).size).toBe(1);
    expect(made.map(({ room }) => room?.peerId)).toEqual([cleo.userId, bea.userId, cleo.userId, bea.userId]);
    expect((await bea.chat.listRooms({})).rooms).toMatchObject([{ kind: DIRECT, title: "", peerId: cleo.userId }]);
  });

  test("keeps its two people and its lack of a title, and ends for both", async () => {
    const [bea, cleo] = [lyceum.newPerson(), lyceum.newPerson()];
    const roomId = (await bea.chat.createRoom({ kind: DIRECT, memberIds: [cleo.userId] })).room?.id ?? "";
    const refused = [
      bea.chat.updateRoom({ roomId, title: "Us" }),
      bea.chat.addMembers({ roomId, userIds: [ada.userId] }),
      bea.chat.removeMember({ roomId, userId: "me" }),
      bea.chat.removeMember({ roomId, userId: cleo.userId }),
    ];
    expect(new Set(await Promise.all(refused.map(reasonOf)))).toEqual(new Set(["DIRECT_ROOM"]));
    await cleo.chat.deleteRoom({ roomId });
    expect(await codeOf(bea.chat.getRoom({ roomId }))).toBe(Code.NotFound);
    const again = await bea.chat.createRoom({ kind: DIRECT, memberIds: [cleo.userId] });
    expect(again.room?.id).not.toBe(roomId);
  });

  test.each([
    ["nobody else", "", (): string[] => []],
    ["oneself", "", () => [ada.userId]],
    ["two others", "", () => [grace.userId, joan.userId]],
    ["a title", "Us", () => [grace.userId]],
  ])("is refused with %s", async (_, title, memberIds) => {
    expect(await codeOf(ada.chat.createRoom({ kind: DIRECT, title, memberIds: memberIds() }))).toBe(
      Code.InvalidArgument,
    );
  });
});

describe("members", () => {
  test("come and go, and get roles, by owners only", async () => {
    const roomId = await ada.newRoom(grace);
    const { members } = await ada.chat.addMembers({ roomId, userIds: [joan.userId, grace.userId] });
    expect(members.map(({ displayName, role }) => [displayName, role])).toEqual([
      ["Grace", MEMBER],
      ["Joan", MEMBER],
    ]);
    expect(await codeOf(grace.chat.addMembers({ roomId, userIds: ["nobody"] }))).toBe(Code.PermissionDenied);
    expect(await codeOf(grace.chat.removeMember({ roomId, userId: joan.userId }))).toBe(Code.PermissionDenied);
    expect(await codeOf(ada.chat.removeMember({ roomId, userId: "nobody" }))).toBe(Code.NotFound);
    await ada.chat.addMembers({ roomId, userIds: [grace.userId], role: OWNER });
    await grace.chat.removeMember({ roomId, userId: joan.userId });
    expect(await codeOf(joan.chat.getRoom({ roomId }))).toBe(Code.NotFound);
    expect(await codeOf(joan.chat.sendMessage({ roomId, text: "still here?" }))).toBe(Code.NotFound);
    expect(await codeOf(joan.chat.listMessages({ roomId }))).toBe(Code.NotFound);
    await grace.chat.addMembers({ roomId, userIds: [joan.userId] });
    expect((await joan.chat.getRoom({ roomId })).room?.memberCount).toBe(3);
  });

  test("of whom one is unknown are not let in", async () => {
    const roomId = await ada.newRoom();
    expect(await codeOf(ada.chat.addMembers({ roomId, userIds: [grace.userId, "nobody"] }))).toBe(Code.NotFound);
    expect((await ada.chat.getRoom({ roomId })).room).toMatchObject({ memberCount: 1, lastChange: 2n });
  });

  test("never leave a room without an owner, and the last one takes it along", async () => {
    const roomId = await ada.newRoom(grace);
    expect(await reasonOf(ada.chat.removeMember({ roomId, userId: "me" }))).toBe("LAST_OWNER");
    expect(await reasonOf(ada.chat.addMembers({ roomId, userIds: [ada.userId], role: MEMBER }))).toBe("LAST_OWNER");
    await grace.chat.removeMember({ roomId, userId: "me" });
    await ada.chat.removeMember({ roomId, userId: ada.userId });
    expect(await codeOf(ada.chat.getRoom({ roomId }))).toBe(Code.NotFound);
  });

  test("are not brought together with whom they blocked, who cannot tell it from their not being there", async () => {
    const [ann, eve, bob] = [lyceum.newPerson("Ann"), lyceum.newPerson("Eve"), lyceum.newPerson("Bob")];
    const together = await eve.newRoom(ann);
    lyceum.world.blocks.push({ userId: ann.userId, blockedId: eve.userId });
    const room = await eve.newRoom(bob);
    for (const call of [
      () => eve.chat.createRoom({ kind: DIRECT, memberIds: [ann.userId] }),
      () => eve.chat.createRoom({ kind: GROUP, title: "Us", memberIds: [bob.userId, ann.userId] }),
      () => eve.chat.addMembers({ roomId: room, userIds: [ann.userId] }),
    ]) {
      expect(await reasonOf(call())).toBe("PERSON_NOT_FOUND");
    }
    await eve.chat.addMembers({ roomId: together, userIds: [ann.userId], role: OWNER });
    expect(await codeOf(ann.chat.createRoom({ kind: DIRECT, memberIds: [eve.userId] }))).toBeUndefined();
  });

  test("are listed in the order they came, page by page", async () => {
    const people = Array.from({ length: 5 }, (_, index) => lyceum.newPerson(`Person ${index}`));
    const roomId = await ada.newRoom(...people);
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await ada.chat.listMembers({ roomId, pageSize: 2, pageToken });
      expect(page.members.length).toBeLessThanOrEqual(2);
      names.push(...page.members.map(({ displayName }) => displayName));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(names).toEqual(["Ada", ...people.map((_, index) => `Person ${index}`)]);
    for (const bad of ["garbage", Buffer.from("{}").toString("base64url"), Buffer.from("1.5").toString("base64url")]) {
      expect(await codeOf(ada.chat.listMembers({ roomId, pageToken: bad }))).toBe(Code.InvalidArgument);
    }
  });

  test("have the names they go by now, asked for once; and are told without names while profile is away", async () => {
    const zoe = lyceum.newPerson("Zoë");
    const roomId = await zoe.newRoom();
    const nameOf = async () => (await zoe.chat.listMembers({ roomId })).members[0]?.displayName;
    expect(await nameOf()).toBe("Zoë");
    const { asked } = lyceum.world;
    expect(await nameOf()).toBe("Zoë");
    expect(lyceum.world.asked).toBe(asked);
    lyceum.world.names.set(zoe.userId, "Zoe");
    await lyceum.profileChanged(zoe.userId);
    await lyceum.process.eventually(async () => expect(await nameOf()).toBe("Zoe"));
    lyceum.world.profileDown = true;
    await lyceum.profileChanged(zoe.userId);
    await lyceum.process.eventually(async () => expect(await nameOf()).toBe(""));
    expect(await codeOf(zoe.chat.addMembers({ roomId, userIds: ["new"] }))).toBe(Code.Unavailable);
    lyceum.world.profileDown = false;
  });
});

describe("rights to files", () => {
  const appliedTo = (roomId: string) =>
    lyceum.world.applied
      .filter((request) => request.roomId === roomId)
      .flatMap(({ deleted, deletedVersion, changes }): unknown[] =>
        deleted
          ? [`deleted ${deletedVersion}`]
          : changes.map(({ userId, member, version }) => [userId, member, version]),
      );

  test("follow members before the call answers", async () => {
    const roomId = await ada.newRoom(grace);
    expect(appliedTo(roomId)).toEqual([
      [ada.userId, true, 1n],
      [grace.userId, true, 3n],
    ]);
    await ada.chat.removeMember({ roomId, userId: grace.userId });
    expect(appliedTo(roomId).at(-1)).toEqual([grace.userId, false, 6n]);
    await ada.chat.deleteRoom({ roomId });
    expect(appliedTo(roomId).at(-1)).toBe("deleted 7");
  });

  test("follow later where files is away: the change stands, and the call says so", async () => {
    const roomId = await ada.newRoom(grace);
    lyceum.world.filesDown = true;
    expect(await reasonOf(ada.chat.removeMember({ roomId, userId: grace.userId }))).toBe("RIGHTS_PENDING");
    expect(await reasonOf(ada.chat.addMembers({ roomId, userIds: [joan.userId] }))).toBe("RIGHTS_PENDING");
    expect(await codeOf(grace.chat.getRoom({ roomId }))).toBe(Code.NotFound);
    expect((await joan.chat.getRoom({ roomId })).room?.memberCount).toBe(2);
    lyceum.world.filesDown = false;
    await lyceum.process.eventually(() =>
      expect(appliedTo(roomId).slice(2)).toEqual([
        [grace.userId, false, 6n],
        [joan.userId, true, 7n],
      ]),
    );
  });
});

describe("a deleted room", () => {
  test("is gone for all, with its history", async () => {
    const roomId = await ada.newRoom(grace);
    const { id: messageId } = await ada.say(roomId, "soon forgotten");
    expect(await codeOf(grace.chat.deleteRoom({ roomId }))).toBe(Code.PermissionDenied);
    expect(await codeOf(joan.chat.deleteRoom({ roomId }))).toBe(Code.NotFound);
    await ada.chat.deleteRoom({ roomId });
    for (const person of [ada, grace]) {
      expect(await codeOf(person.chat.getRoom({ roomId }))).toBe(Code.NotFound);
      expect(await codeOf(person.chat.sendMessage({ roomId, text: "hello?" }))).toBe(Code.NotFound);
    }
    const { sql } = lyceum.process.host("chat").database;
    await lyceum.process.eventually(async () =>
      expect(await sql`select 1 from messages where id = ${messageId}`).toHaveLength(0),
    );
    expect(await codeOf(ada.chat.deleteRoom({ roomId }))).toBe(Code.NotFound);
  });
});

test("a person's rooms come with the one of the latest message first, page by page", async () => {
  const mae = lyceum.newPerson("Mae");
  const roomIds: string[] = [];
  for (let count = 0; count < 5; count += 1) roomIds.push(await mae.newRoom());
  await mae.say(roomIds[1] as string, "I am the latest");
  const listed: string[] = [];
  let pageToken = "";
  do {
    const page = await mae.chat.listRooms({ pageSize: 2, pageToken });
    listed.push(...page.rooms.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken);
  expect(listed).toEqual([1, 4, 3, 2, 0].map((index) => roomIds[index]));
  for (const bad of ["x", Buffer.from('[1e300,"a"]').toString("base64url")]) {
    expect(await codeOf(mae.chat.listRooms({ pageToken: bad }))).toBe(Code.InvalidArgument);
  }
});

test("what happens to members and rooms is told in facts, with the room's change as version", async () => {
  const roomId = await ada.newRoom(grace);
  await ada.chat.removeMember({ roomId, userId: grace.userId });
  await ada.chat.deleteRoom({ roomId });
  const factsOf = () =>
    lyceum.process
      .events()
      .filter(({ key }) => key === roomId)
      .map(({ type, data }) => [type.split(".").at(-1), data.version]);
  await lyceum.process.eventually(() =>
    expect(factsOf()).toEqual([
      ["RoomMemberAdded", 1],
      ["MessageSent", 2],
      ["RoomMemberAdded", 3],
      ["MessageSent", 4],
      ["MessageSent", 5],
      ["RoomMemberRemoved", 6],
      ["RoomDeleted", 7],
    ]),
  );
});
