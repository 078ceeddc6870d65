import { Code, ConnectError } from "@connectrpc/connect";
import { FileState, GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
let other: TestPerson;
let foreign: string;
beforeAll(async () => {
  service = await startFiles();
  other = service.newPerson();
  foreign = await makeFolder(other, "theirs");
});
afterAll(() => service?.[Symbol.asyncDispose]());
beforeEach(() => {
  owner = service.newPerson();
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
const strangeIds = () => ["unknown", "nul\0", foreign];

async function makeFolder(person: TestPerson, name: string, parentId = ""): Promise<string> {
  return (await person.files.createFolder({ name, parentId })).folder?.id ?? "";
}
const sendInto = (person: TestPerson, folderId: string, name: string) =>
  person.fetch(`/v1/files?name=${name}&folderId=${folderId}`, { method: "POST", body: "text" });
async function uploadInto(person: TestPerson, folderId: string, name = "a.txt"): Promise<string> {
  const res = await sendInto(person, folderId, name);
  return ((await res.json()) as { file: { id: string } }).file.id;
}
const filesIn = async (person: TestPerson, folderId?: string, state?: FileState) =>
  (await person.files.listFiles({ ...(folderId !== undefined && { folderId }), ...(state && { state }) })).files.map(
    ({ id }) => id,
  );
const foldersIn = async (person: TestPerson, parentId?: string) =>
  (await person.files.listFolders(parentId === undefined ? {} : { parentId })).folders.map(({ id }) => id);
const placeOf = async (person: TestPerson, fileId: string) => (await person.files.getFile({ fileId })).file?.folderId;
const eventsOf = (id: string) =>
  service.process
    .events()
    .filter(({ key }) => key === id)
    .map(({ type, data }) => ({ type: type.replace("lyceum.files.v1.", ""), ...data }));

describe("CreateFolder and ListFolders", () => {
  it("make folders in one another and list them, all or one level, by pages", async () => {
    const outer = await makeFolder(owner, "outer");
    const twins = [await makeFolder(owner, "twin", outer), await makeFolder(owner, "twin", outer)];
    expect(await foldersIn(owner)).toEqual([outer, ...twins].toReversed());
    expect(await foldersIn(owner, "")).toEqual([outer]);
    expect(await foldersIn(owner, outer)).toEqual(twins.toReversed());
    const first = await owner.files.listFolders({ pageSize: 2 });
    const second = await owner.files.listFolders({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ folders: [{ id: outer, name: "outer", parentId: "" }], nextPageToken: "" });
    expect(await foldersIn(other)).toEqual([foreign]);
  });

  it("know no folder of others", async () => {
    for (const parentId of strangeIds()) {
      expect(await codeOf(owner.files.createFolder({ name: "x", parentId }))).toBe(Code.NotFound);
      expect(await codeOf(owner.files.listFolders({ parentId }))).toBe(Code.NotFound);
    }
  });

  it("refuse names that nobody could see", async () => {
    for (const name of ["", "\u200b", "..", "x".repeat(300)]) {
      expect(await codeOf(owner.files.createFolder({ name }))).toBe(Code.InvalidArgument);
    }
  });

  it("go 32 deep, and no deeper by any way", async () => {
    const chain: string[] = [];
    for (let depth = 1; depth <= 32; depth++) chain.push(await makeFolder(owner, `${depth}`, chain.at(-1)));
    const deepest = chain.at(-1) ?? "";
    expect(await codeOf(owner.files.createFolder({ name: "33", parentId: deepest }))).toBe(Code.FailedPrecondition);
    const pair = await makeFolder(owner, "pair");
    await makeFolder(owner, "inner", pair);
    const move = (at: number) => codeOf(owner.files.updateFolder({ folderId: pair, parentId: chain[at] ?? "" }));
    expect(await move(30)).toBe(Code.FailedPrecondition);
    expect(await move(29)).toBeUndefined();
  });
});

describe("UpdateFolder", () => {
  it("changes name and place by presence", async () => {
    const [a, b] = [await makeFolder(owner, "a"), await makeFolder(owner, "b")];
    expect((await owner.files.updateFolder({ folderId: b, name: "  new\tname " })).folder?.name).toBe("new name");
    expect((await owner.files.updateFolder({ folderId: b, parentId: a })).folder).toMatchObject({
      name: "new name",
      parentId: a,
    });
    expect((await owner.files.updateFolder({ folderId: b })).folder?.parentId).toBe(a);
    expect((await owner.files.updateFolder({ folderId: b, parentId: "" })).folder?.parentId).toBe("");
  });

  it("makes no circle, however many move at once", async () => {
    const [a, b] = [await makeFolder(owner, "a"), await makeFolder(owner, "b")];
    const inner = await makeFolder(owner, "inner", a);
    for (const parentId of [a, inner]) {
      expect(await codeOf(owner.files.updateFolder({ folderId: a, parentId }))).toBe(Code.FailedPrecondition);
    }
    const moves = [
      owner.files.updateFolder({ folderId: a, parentId: b }),
      owner.files.updateFolder({ folderId: b, parentId: a }),
    ];
    expect((await Promise.all(moves.map(codeOf))).filter((code) => code === undefined)).toHaveLength(1);
  });

  it("knows no folder of others", async () => {
    const mine = await makeFolder(owner, "mine");
    for (const strange of strangeIds()) {
      expect(await codeOf(owner.files.updateFolder({ folderId: strange, name: "x" }))).toBe(Code.NotFound);
      expect(await codeOf(owner.files.updateFolder({ folderId: mine, parentId: strange }))).toBe(Code.NotFound);
    }
  });
});

describe("files in folders", () => {
  it("are uploaded, listed and moved there, and only their owner is told where", async () => {
    const folderId = await makeFolder(owner, "papers");
    const [inside, outside] = [await uploadInto(owner, folderId), await owner.upload("b.txt")];
    expect(await placeOf(owner, inside)).toBe(folderId);
    expect(await filesIn(owner, folderId)).toEqual([inside]);
    expect(await filesIn(owner, "")).toEqual([outside]);
    expect(await filesIn(owner)).toEqual([outside, inside]);
    await owner.files.updateFile({ fileId: outside, folderId });
    await owner.files.updateFile({ fileId: inside, folderId: "" });
    expect(await filesIn(owner, folderId)).toEqual([outside]);
    await owner.share(outside, other);
    expect(await placeOf(other, outside)).toBe("");
    await owner.files.deleteFile({ fileId: outside });
    expect(await filesIn(owner, folderId)).toEqual([]);
    expect(await filesIn(owner, folderId, FileState.TRASHED)).toEqual([outside]);
    await owner.files.restoreFile({ fileId: outside });
    expect(await filesIn(owner, folderId)).toEqual([outside]);
  });

  it("go to no folder of others", async () => {
    const fileId = await owner.upload("a.txt");
    for (const folderId of strangeIds()) {
      expect(await codeOf(owner.files.updateFile({ fileId, folderId }))).toBe(Code.NotFound);
      expect(await codeOf(owner.files.listFiles({ folderId }))).toBe(Code.NotFound);
      const query = `name=a&folderId=${encodeURIComponent(folderId)}`;
      const res = await owner.fetch(`/v1/files?${query}`, { method: "POST", body: "text" });
      expect([res.status, await res.json()]).toMatchObject([404, { reason: "FOLDER_NOT_FOUND" }]);
    }
    expect(await codeOf(owner.files.listFiles({ shared: true, folderId: "" }))).toBe(Code.InvalidArgument);
  });
});

describe("UpdateFile", () => {
  it("is for the owner and editors, moving for the owner alone", async () => {
    const [reader, editor] = [service.newPerson(), service.newPerson()];
    const fileId = await owner.upload("a.txt");
    await owner.share(fileId, reader);
    await owner.share(fileId, editor, GrantRole.EDITOR);
    const folderId = await makeFolder(editor, "mine");
    expect(await codeOf(other.files.updateFile({ fileId, name: "x" }))).toBe(Code.NotFound);
    expect(await codeOf(reader.files.updateFile({ fileId, name: "x" }))).toBe(Code.PermissionDenied);
    expect(await codeOf(editor.files.updateFile({ fileId, name: "x", folderId }))).toBe(Code.PermissionDenied);
    expect((await editor.files.updateFile({ fileId, name: "../evil\u202e.txt" })).file?.name).toBe("evil.txt");
    expect((await owner.files.getFile({ fileId })).file?.name).toBe("evil.txt");
  });

  it("tells of each change once, and of none that changes nothing", async () => {
    const folderId = await makeFolder(owner, "f");
    const fileId = await owner.upload("a.txt");
    await owner.files.updateFile({ fileId });
    await owner.files.updateFile({ fileId, name: "a.txt", folderId: "" });
    await owner.files.updateFile({ fileId, name: "b.txt", folderId });
    await owner.files.updateFile({ fileId, folderId: "" });
    await service.process.eventually(() =>
      expect(eventsOf(fileId)).toMatchObject([
        { type: "FileUploaded", version: 1 },
        { type: "FileUpdated", version: 2, ownerId: owner.userId },
        { type: "FileUpdated", version: 3 },
      ]),
    );
  });

  it("leaves the trash alone and refuses bad names", async () => {
    const fileId = await owner.upload("a.txt");
    for (const name of ["", "\u200b"]) {
      expect(await codeOf(owner.files.updateFile({ fileId, name }))).toBe(Code.InvalidArgument);
    }
    await owner.files.deleteFile({ fileId });
    expect(await codeOf(owner.files.updateFile({ fileId, name: "b" }))).toBe(Code.FailedPrecondition);
  });
});

describe("DeleteFolder", () => {
  it("moves what is in it, however deep, to the trash, from where it comes back to the top", async () => {
    const outer = await makeFolder(owner, "outer");
    const inner = await makeFolder(owner, "inner", outer);
    const [kept, trashed] = [await owner.upload("kept.txt"), await uploadInto(owner, inner)];
    await owner.files.deleteFile({ fileId: trashed });
    const inside = await Promise.all(Array.from({ length: 110 }, (_, at) => uploadInto(owner, at % 2 ? inner : outer)));
    await owner.share(inside[0] ?? "", other);
    await owner.files.deleteFolder({ folderId: outer });
    expect(await foldersIn(owner)).toEqual([]);
    expect(await filesIn(owner)).toEqual([kept]);
    expect(await codeOf(other.files.getFile({ fileId: inside[0] ?? "" }))).toBe(Code.NotFound);
    for (const fileId of [inside[0] ?? "", trashed]) {
      expect((await owner.files.restoreFile({ fileId })).file).toMatchObject({ state: FileState.READY, folderId: "" });
    }
    await service.process.eventually(() =>
      expect(eventsOf(inside[1] ?? "").map(({ type }) => type)).toEqual(["FileUploaded", "FileDeleted"]),
    );
    for (const folderId of [outer, inner]) {
      expect(await codeOf(owner.files.deleteFolder({ folderId }))).toBe(Code.NotFound);
    }
  });

  it("leaves no file behind of those that come at the same time", async () => {
    const folderId = await makeFolder(owner, "busy");
    const moving = await Promise.all(Array.from({ length: 4 }, () => owner.upload("moving.txt")));
    const arrivals = [
      ...moving.map((fileId) => codeOf(owner.files.updateFile({ fileId, folderId }))),
      ...Array.from({ length: 4 }, async () => (await sendInto(owner, folderId, "new.txt")).status),
    ];
    await owner.files.deleteFolder({ folderId });
    // Whatever comes once the folder is gone is refused.
    for (const outcome of await Promise.all(arrivals)) expect([undefined, Code.NotFound, 201, 404]).toContain(outcome);
    const all = [...(await filesIn(owner)), ...(await filesIn(owner, undefined, FileState.TRASHED))];
    const places = await Promise.all(all.map((fileId) => placeOf(owner, fileId)));
    expect(new Set(places)).toEqual(new Set([""]));
  });

  it("knows no folder of others", async () => {
    for (const folderId of strangeIds()) {
      expect(await codeOf(owner.files.deleteFolder({ folderId }))).toBe(Code.NotFound);
    }
    expect(await foldersIn(other)).toEqual([foreign]);
  });
});
