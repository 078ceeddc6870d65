import { Code, ConnectError } from "@connectrpc/connect";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { newId } from "@lyceum/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findReadableFile, listSharedFiles } from "../store.ts";
import { startFiles, type TestFiles, type TestPerson, type TestRoom } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
let member: TestPerson;
let stranger: TestPerson;
let room: TestRoom;
let fileId: string;
beforeAll(async () => {
  service = await startFiles();
  [owner, member, stranger] = [service.newPerson(), service.newPerson(), service.newPerson()];
});
afterAll(() => service?.[Symbol.asyncDispose]());
beforeEach(async () => {
  room = await service.newRoom(owner, member);
  fileId = await owner.upload("for the room.txt");
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
const reads = async (person: TestPerson, id = fileId) =>
  (await codeOf(person.files.getFile({ fileId: id }))) === undefined;
const eventsOf = (id: string) =>
  service.process
    .events()
    .filter(({ key }) => key === id)
    .map(({ type, data }) => ({ type: type.replace("lyceum.files.v1.", ""), ...data }));

describe("a file granted to a room", () => {
  it("is readable by every way for who belongs to it, and for nobody else", async () => {
    expect(await reads(member)).toBe(false);
    await owner.share(fileId, room);
    expect(await reads(member)).toBe(true);
    expect((await member.fetch(`/v1/files/${fileId}/content`)).status).toBe(200);
    expect((await member.internal.batchGetReadableFiles({ fileIds: [fileId] })).files).toHaveLength(1);
    expect((await member.files.listFiles({ shared: true })).files.map(({ id }) => id)).toContain(fileId);
    expect((await owner.files.listFiles({ shared: true })).files).toEqual([]);
    expect(await reads(stranger)).toBe(false);
  });

  it("is out of a removed member's reach on the very next call, and back when they return", async () => {
    await owner.share(fileId, room);
    await service.applyMembers(room.roomId, [{ person: member, member: false, version: 3 }]);
    expect(await reads(member)).toBe(false);
    expect((await member.fetch(`/v1/files/${fileId}/content`)).status).toBe(404);
    expect((await member.internal.batchGetReadableFiles({ fileIds: [fileId] })).files).toEqual([]);
    await service.applyMembers(room.roomId, [{ person: member, member: true, version: 4 }]);
    expect(await reads(member)).toBe(true);
  });

  it("lets members do what the room's role allows", async () => {
    const friend = service.newPerson();
    await owner.share(fileId, room);
    expect(await codeOf(member.share(fileId, friend))).toBe(Code.PermissionDenied);
    await owner.share(fileId, room, GrantRole.EDITOR);
    await member.share(fileId, friend);
    expect(await reads(friend)).toBe(true);
  });

  it("stays with who holds a right of their own", async () => {
    await owner.share(fileId, room);
    await owner.share(fileId, member);
    await service.applyMembers(room.roomId, [{ person: member, member: false, version: 3 }]);
    expect(await reads(member)).toBe(true);
  });

  it("does not count while it is not known who belongs to which room", async () => {
    await owner.share(fileId, room);
    const { db } = service.host.database;
    const reader = { userId: member.userId, withRooms: true };
    const page = { after: undefined, limit: 10 };
    expect(await findReadableFile(db, fileId, reader)).toMatchObject({ right: "reader" });
    expect(await findReadableFile(db, fileId, { ...reader, withRooms: false })).toBeUndefined();
    const shared = await listSharedFiles(db, { ...reader, withRooms: false }, page);
    expect(shared.map(({ id }) => id)).not.toContain(fileId);
    expect(await findReadableFile(db, fileId, { userId: owner.userId, withRooms: false })).toMatchObject({
      right: "owner",
    });
  });
});

describe("GrantAccess to a room", () => {
  it("takes a member who may share, and knows no room for others", async () => {
    const elsewhere = await service.newRoom(stranger);
    for (const principal of [elsewhere.principal, "room:unknown", "room:nul\0"]) {
      expect(await codeOf(owner.share(fileId, { principal }))).toBe(Code.NotFound);
    }
    expect(await codeOf(stranger.share(fileId, room))).toBe(Code.NotFound);
    await owner.share(fileId, stranger);
    expect(await codeOf(stranger.share(fileId, elsewhere))).toBe(Code.PermissionDenied);
  });

  it("publishes, lists and revokes as for a person", async () => {
    const grantId = await owner.share(fileId, room);
    const { grants } = await owner.files.listGrants({ fileId });
    expect(grants).toMatchObject([{ id: grantId, principal: room.principal, role: GrantRole.READER }]);
    await owner.files.revokeAccess({ fileId, grantId });
    expect(await reads(member)).toBe(false);
    await service.process.eventually(() =>
      expect(eventsOf(fileId)).toMatchObject([
        { type: "FileUploaded" },
        { type: "AccessGranted", principal: room.principal, version: 2 },
        { type: "AccessRevoked", principal: room.principal, version: 3 },
      ]),
    );
  });
});

describe("ApplyRoomMembers and the events of the same changes", () => {
  const added = (person: TestPerson, version: number, roomId = room.roomId) =>
    roomMemberAdded({ roomId, userId: person.userId, role: "MEMBER", version });
  const removed = (person: TestPerson, version: number) =>
    roomMemberRemoved({ roomId: room.roomId, userId: person.userId, version });

  /** Waits until files has consumed all that was published to a room before. */
  async function settle(): Promise<void> {
    const witness = service.newPerson();
    await service.process.publish(added(witness, 99));
    await owner.share(fileId, room);
    await service.process.eventually(async () => expect(await reads(witness)).toBe(true));
  }

  it("apply in any order and however often: the newest change of a person holds", async () => {
    await service.applyMembers(room.roomId, [{ person: member, member: false, version: 5 }]);
    await service.process.publish(added(member, 2));
    await service.process.publish(removed(member, 5));
    await service.process.publish(added(stranger, 6));
    await settle();
    expect([await reads(member), await reads(stranger)]).toEqual([false, true]);
    await service.applyMembers(room.roomId, [{ person: stranger, member: false, version: 6 }]);
    expect(await reads(stranger)).toBe(true);
  });

  it("take several changes of one person in one call", async () => {
    await owner.share(fileId, room);
    await service.applyMembers(room.roomId, [
      { person: stranger, member: false, version: 12 },
      { person: stranger, member: true, version: 11 },
    ]);
    expect(await reads(stranger)).toBe(false);
  });

  it("end a room for good, with its grants", async () => {
    const files = [fileId, await owner.upload("another.txt")];
    for (const id of files) await owner.share(id, room);
    await service.deleteRoom(room.roomId, 9);
    expect(await reads(member)).toBe(false);
    await service.applyMembers(room.roomId, [{ person: stranger, member: true, version: 10 }]);
    await service.process.publish(added(member, 11));
    await service.process.publish(roomDeleted({ roomId: room.roomId, version: 9 }));
    for (const id of files) {
      await service.process.eventually(async () => {
        expect((await owner.files.listGrants({ fileId: id })).grants).toEqual([]);
        expect(eventsOf(id).at(-1)).toMatchObject({ type: "AccessRevoked", principal: room.principal, version: 3 });
      });
    }
    expect(await codeOf(owner.share(fileId, room))).toBe(Code.NotFound);
    expect([await reads(member), await reads(stranger)]).toEqual([false, false]);
  });

  it("end a room by its event alone", async () => {
    await owner.share(fileId, room);
    await service.process.publish(roomDeleted({ roomId: room.roomId, version: 9 }));
    await service.process.eventually(async () => expect(await reads(member)).toBe(false));
  });

  it("leave no grant behind that was given while the room was deleted", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, at) => owner.upload(`${at}.txt`)));
    const sharing = ids.map((id) => codeOf(owner.share(id, room)));
    await service.deleteRoom(room.roomId, 9);
    await Promise.all(sharing);
    await service.process.eventually(async () => {
      const listed = await Promise.all(ids.map((id) => owner.files.listGrants({ fileId: id })));
      expect(listed.flatMap(({ grants }) => grants)).toEqual([]);
    });
  });

  it("are for chat alone", async () => {
    expect(await codeOf(owner.internal.applyRoomMembers({ roomId: room.roomId, changes: [] }))).toBe(
      Code.PermissionDenied,
    );
  });
});

describe("GrantRoomAccess", () => {
  const attach = (person: TestPerson, ...fileIds: string[]) =>
    codeOf(person.internal.grantRoomAccess({ roomId: room.roomId, fileIds }));

  it("lets the room read what a member attaches, once", async () => {
    expect(await attach(owner, fileId, fileId)).toBeUndefined();
    expect(await attach(owner, fileId)).toBeUndefined();
    expect(await reads(member)).toBe(true);
    expect((await owner.files.listGrants({ fileId })).grants).toHaveLength(1);
  });

  it("lowers no role that the room holds", async () => {
    await owner.share(fileId, room, GrantRole.EDITOR);
    expect(await attach(owner, fileId)).toBeUndefined();
    expect((await owner.files.listGrants({ fileId })).grants).toMatchObject([{ role: GrantRole.EDITOR }]);
  });

  it("takes what every member reads anyway from one who may not share it", async () => {
    await owner.share(fileId, member);
    expect(await attach(member, fileId)).toBeUndefined();
    await service.applyMembers(room.roomId, [{ person: stranger, member: true, version: 3 }]);
    expect(await attach(member, fileId)).toBe(Code.PermissionDenied);
  });

  it("grants all or nothing, and neither the unreadable nor the trash", async () => {
    const [foreign, trashed] = [await stranger.upload("foreign.txt"), await owner.upload("trashed.txt")];
    await owner.files.deleteFile({ fileId: trashed });
    expect(await attach(owner, fileId, foreign)).toBe(Code.NotFound);
    expect(await attach(owner, fileId, "unknown")).toBe(Code.NotFound);
    expect(await attach(owner, fileId, trashed)).toBe(Code.FailedPrecondition);
    expect(await reads(member)).toBe(false);
    expect(await attach(stranger, foreign)).toBe(Code.NotFound);
  });
});

describe("BatchGetRoomReadableFiles", () => {
  it("counts what is granted to the room and what every member may read", async () => {
    const [byEach, byOne, trashed] = [await owner.upload("a"), await owner.upload("b"), await owner.upload("c")];
    await owner.share(fileId, room);
    await owner.share(trashed, room);
    await owner.files.deleteFile({ fileId: trashed });
    await owner.share(byEach, member);
    const ask = () => service.listRoomReadable(room.roomId, [fileId, byEach, byOne, trashed, "unknown", "nul\0"]);
    expect(await ask()).toEqual([fileId, byEach].sort());
    await service.applyMembers(room.roomId, [{ person: stranger, member: true, version: 3 }]);
    expect(await ask()).toEqual([fileId]);
    const other = await service.newRoom(owner, stranger);
    await owner.share(byEach, other);
    expect(await ask()).toEqual([fileId, byEach].sort());
  });

  it("gives nothing of rooms that are unknown, empty or deleted", async () => {
    await owner.share(fileId, room);
    expect(await service.listRoomReadable(newId(), [fileId])).toEqual([]);
    await service.deleteRoom(room.roomId, 4);
    expect(await service.listRoomReadable(room.roomId, [fileId])).toEqual([]);
  });

  it("counts members' own rights in rooms of up to 200", async () => {
    const granted = await owner.upload("granted");
    await owner.share(granted, room);
    // All are the owner's, so that each may read without 200 grants.
    const fill = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => ({
        person: service.newPerson(),
        member: true,
        version: from + at,
      }));
    const crowd = fill(3, 200);
    await service.applyMembers(room.roomId, crowd);
    const all = await service.newRoom(member, ...crowd.map(({ person }) => person));
    await service.applyMembers(all.roomId, [{ person: owner, member: true, version: 300 }]);
    await owner.share(fileId, all);
    expect(await service.listRoomReadable(room.roomId, [fileId, granted])).toEqual([fileId, granted].sort());
    await service.applyMembers(room.roomId, [{ person: crowd[0]?.person as TestPerson, member: true, version: 400 }]);
    const [one] = fill(500, 500);
    await service.applyMembers(room.roomId, one ? [one] : []);
    await service.applyMembers(all.roomId, one ? [one] : []);
    expect(await service.listRoomReadable(room.roomId, [fileId, granted])).toEqual([granted]);
  });

  it("is for rag alone", async () => {
    expect(await codeOf(owner.internal.batchGetRoomReadableFiles({ roomId: room.roomId, fileIds: [fileId] }))).toBe(
      Code.PermissionDenied,
    );
  });
});
