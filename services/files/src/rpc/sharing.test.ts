import { Code, ConnectError } from "@connectrpc/connect";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
let editor: TestPerson;
let reader: TestPerson;
let stranger: TestPerson;
let fileId: string;
beforeAll(async () => {
  service = await startFiles();
  owner = service.newPerson();
  editor = service.newPerson();
  reader = service.newPerson();
  stranger = service.newPerson();
  fileId = await owner.upload("shared.txt");
  await owner.share(fileId, editor, GrantRole.EDITOR);
  await owner.share(fileId, reader);
});
afterAll(() => service?.[Symbol.asyncDispose]());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );

async function eventsOf(id: string, count: number) {
  const ofFile = () => service.process.events().filter(({ key }) => key === id);
  await service.process.eventually(() => expect(ofFile().length).toBeGreaterThanOrEqual(count));
  return ofFile().map(({ type, data }) => ({ type: type.replace("lyceum.files.v1.", ""), ...(data as object) }));
}

describe("GrantAccess", () => {
  it("gives a right, changes it, and does nothing twice", async () => {
    const [id, person] = [await owner.upload("a"), service.newPerson()];
    const { principal } = person;
    const grant = (role: GrantRole) => owner.files.grantAccess({ fileId: id, principal, role });
    const first = (await grant(GrantRole.READER)).grant;
    expect(first).toMatchObject({ principal, role: GrantRole.READER });
    expect((await grant(GrantRole.READER)).grant).toEqual(first);
    expect((await grant(GrantRole.EDITOR)).grant).toEqual({ ...first, role: GrantRole.EDITOR });
    await owner.files.revokeAccess({ fileId: id, grantId: first?.id ?? "" });

    const facts = { fileId: id, ownerId: owner.userId, grantId: first?.id, principal };
    expect(await eventsOf(id, 4)).toMatchObject([
      { type: "FileUploaded", version: 1 },
      { type: "AccessGranted", ...facts, role: "READER", version: 2 },
      { type: "AccessGranted", ...facts, role: "EDITOR", version: 3 },
      { type: "AccessRevoked", ...facts, version: 4 },
    ]);
  });

  it("numbers versions densely for callers at the same time", async () => {
    const id = await owner.upload("busy");
    const people = Array.from({ length: 12 }, () => service.newPerson());
    await Promise.all(people.map((person) => owner.share(id, person)));
    const versions = (await eventsOf(id, 13)).map((event) => (event as unknown as { version: number }).version);
    expect(versions).toEqual(Array.from({ length: 13 }, (_, at) => at + 1));
  });

  it("is for the owner and editors", async () => {
    const principal = service.newPerson().principal;
    const grant = (by: TestPerson, id = fileId) =>
      codeOf(by.files.grantAccess({ fileId: id, principal, role: GrantRole.READER }));
    expect(await grant(stranger)).toBe(Code.NotFound);
    expect(await grant(reader)).toBe(Code.PermissionDenied);
    expect(await grant(editor)).toBeUndefined();
    for (const strange of ["unknown", "nul\0"]) expect(await grant(owner, strange)).toBe(Code.NotFound);
  });

  it("refuses oneself and the owner by name", async () => {
    const [own, owners] = [editor.principal, owner.principal];
    for (const [by, principal] of [
      [owner, owners],
      [editor, own],
      [editor, owners],
    ] as const) {
      const error = await by.files.grantAccess({ fileId, principal, role: GrantRole.READER }).catch(ConnectError.from);
      expect(error).toMatchObject({ code: Code.InvalidArgument });
      expect(String(error)).toContain("principal");
    }
  });

  it("knows nobody without an account", async () => {
    for (const id of ["nobody", "nul\0", "x".repeat(70), `${reader.userId} `]) {
      const granting = owner.files.grantAccess({ fileId, principal: `user:${id}`, role: GrantRole.READER });
      expect(await codeOf(granting)).toBe(Code.NotFound);
    }
  });

  it.each([
    { principal: "user:", role: GrantRole.READER },
    { principal: "room:", role: GrantRole.READER },
    { principal: "link:1", role: GrantRole.READER },
    { principal: "link:", role: GrantRole.EDITOR },
    { principal: "", role: GrantRole.READER },
    { principal: "user:x", role: GrantRole.UNSPECIFIED },
    { principal: "user:x", role: 9 as GrantRole },
  ])("refuses %j", async (req) => {
    expect(await codeOf(owner.files.grantAccess({ fileId, ...req }))).toBe(Code.InvalidArgument);
  });

  it("shares nothing that is in the trash", async () => {
    const id = await owner.upload("gone");
    await owner.files.deleteFile({ fileId: id });
    const granting = owner.files.grantAccess({ fileId: id, principal: reader.principal, role: GrantRole.READER });
    expect(await codeOf(granting)).toBe(Code.FailedPrecondition);
  });
});

describe("ListGrants", () => {
  it("shows the owner and editors who holds a right, by pages", async () => {
    const id = await owner.upload("listed");
    const people = Array.from({ length: 5 }, () => service.newPerson());
    for (const person of people) await owner.share(id, person);
    const first = await owner.files.listGrants({ fileId: id, pageSize: 3 });
    const second = await owner.files.listGrants({ fileId: id, pageSize: 3, pageToken: first.nextPageToken });
    const listed = [...first.grants, ...second.grants].map(({ principal }) => principal);
    expect(listed).toEqual(people.map(({ principal }) => principal).toReversed());
    expect(second.nextPageToken).toBe("");
    expect((await editor.files.listGrants({ fileId })).grants.length).toBeGreaterThan(0);
  });

  it("is not for readers and strangers", async () => {
    expect(await codeOf(reader.files.listGrants({ fileId }))).toBe(Code.PermissionDenied);
    expect(await codeOf(stranger.files.listGrants({ fileId }))).toBe(Code.NotFound);
  });
});

describe("RevokeAccess", () => {
  it("is for the owner and editors, and final", async () => {
    const person = service.newPerson();
    const grantId = await owner.share(fileId, person);
    expect(await codeOf(stranger.files.revokeAccess({ fileId, grantId }))).toBe(Code.NotFound);
    expect(await codeOf(reader.files.revokeAccess({ fileId, grantId }))).toBe(Code.PermissionDenied);
    expect((await person.files.getFile({ fileId })).file?.id).toBe(fileId);
    await editor.files.revokeAccess({ fileId, grantId });
    expect(await codeOf(person.files.getFile({ fileId }))).toBe(Code.NotFound);
    expect(await codeOf(owner.files.revokeAccess({ fileId, grantId }))).toBe(Code.NotFound);
  });

  it("takes no grant of another file", async () => {
    const [one, two] = [await owner.upload("one"), await owner.upload("two")];
    const grantId = await owner.share(one, reader);
    expect(await codeOf(owner.files.revokeAccess({ fileId: two, grantId }))).toBe(Code.NotFound);
    expect(await codeOf(owner.files.revokeAccess({ fileId: one, grantId: "nul\0" }))).toBe(Code.NotFound);
    expect((await reader.files.getFile({ fileId: one })).file?.id).toBe(one);
  });

  it("ends an editor's say with the right: what waits for the same file fails", async () => {
    const id = await owner.upload("contested");
    const person = service.newPerson();
    const grantId = await owner.share(id, person, GrantRole.EDITOR);
    const friends = Array.from({ length: 8 }, () => service.newPerson());
    const attempts = friends.map((friend) =>
      person.share(id, friend).then(
        () => true,
        () => false,
      ),
    );
    await owner.files.revokeAccess({ fileId: id, grantId });
    const granted = (await Promise.all(attempts)).filter(Boolean).length;
    const events = await eventsOf(id, 3 + granted);
    expect(events.map(({ type }) => type)).toEqual([
      "FileUploaded",
      ...Array.from({ length: 1 + granted }, () => "AccessGranted"),
      "AccessRevoked",
    ]);
  });
});
