import { createHash } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { FileState, GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
let other: TestPerson;
beforeAll(async () => {
  service = await startFiles();
});
afterAll(() => service?.[Symbol.asyncDispose]());

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
const strangeIds = ["unknown", "nul\0", "'; drop table files; --", "00000000-0000-7000-8000-000000000000", "😀"];

describe("GetFile", () => {
  beforeAll(() => {
    [owner, other] = [service.newPerson(), service.newPerson()];
  });

  it("shows an owner what was stored", async () => {
    const id = await owner.upload("notes.txt", "some words");
    const { file } = await owner.files.getFile({ fileId: id });
    expect(file).toMatchObject({
      id,
      name: "notes.txt",
      mediaType: "text/plain",
      sizeBytes: 10n,
      sha256: createHash("sha256").update("some words").digest("hex"),
      ownerId: owner.userId,
      folderId: "",
      state: FileState.READY,
    });
  });

  it("is not_found for other people and for ids of nothing", async () => {
    const fileId = await owner.upload("secret.txt");
    expect(await codeOf(other.files.getFile({ fileId }))).toBe(Code.NotFound);
    for (const strange of strangeIds)
      expect(await codeOf(owner.files.getFile({ fileId: strange }))).toBe(Code.NotFound);
  });

  it("follows a grant, its end, and the trash at once", async () => {
    const fileId = await owner.upload("shared.txt");
    const grantId = await owner.share(fileId, other);
    expect((await other.files.getFile({ fileId })).file?.name).toBe("shared.txt");
    await owner.files.revokeAccess({ fileId, grantId });
    expect(await codeOf(other.files.getFile({ fileId }))).toBe(Code.NotFound);

    await owner.share(fileId, other, GrantRole.EDITOR);
    await owner.files.deleteFile({ fileId });
    expect(await codeOf(other.files.getFile({ fileId }))).toBe(Code.NotFound);
    expect((await owner.files.getFile({ fileId })).file?.state).toBe(FileState.TRASHED);
  });
});

describe("ListFiles", () => {
  beforeAll(() => {
    [owner, other] = [service.newPerson(), service.newPerson()];
  });

  it("pages through a person's own files, the latest first, each once", async () => {
    const uploaded: string[] = [];
    for (let at = 0; at < 12; at++) uploaded.push(await owner.upload(`${at}.txt`));
    await other.upload("not mine.txt");
    const listed: string[] = [];
    let pageToken = "";
    let pages = 0;
    do {
      const page = await owner.files.listFiles({ pageSize: 5, pageToken });
      listed.push(...page.files.map(({ id }) => id));
      pageToken = page.nextPageToken;
      pages++;
    } while (pageToken);
    expect(listed).toEqual(uploaded.toReversed());
    expect(pages).toBe(3);
  });

  it("ends with the last full page", async () => {
    const person = service.newPerson();
    for (let at = 0; at < 3; at++) await person.upload(`${at}.txt`);
    expect((await person.files.listFiles({ pageSize: 3 })).nextPageToken).toBe("");
  });

  it("lists what others share, but not their trash", async () => {
    const reader = service.newPerson();
    const [kept, trashed, revoked] = [await owner.upload("a"), await owner.upload("b"), await other.upload("c")];
    await owner.share(kept, reader);
    await owner.share(trashed, reader, GrantRole.EDITOR);
    const grantId = await other.share(revoked, reader);
    const shared = async () => (await reader.files.listFiles({ shared: true })).files.map(({ id }) => id);
    expect(await shared()).toEqual([revoked, trashed, kept]);
    expect((await reader.files.listFiles({})).files).toEqual([]);
    await owner.files.deleteFile({ fileId: trashed });
    await other.files.revokeAccess({ fileId: revoked, grantId });
    expect(await shared()).toEqual([kept]);
    expect((await reader.files.listFiles({ shared: true, state: FileState.TRASHED })).files).toEqual([]);
  });

  it("keeps the trash apart", async () => {
    const person = service.newPerson();
    const [kept, trashed] = [await person.upload("kept"), await person.upload("trashed")];
    await person.files.deleteFile({ fileId: trashed });
    const ids = async (state?: FileState) =>
      (await person.files.listFiles(state ? { state } : {})).files.map(({ id }) => id);
    expect(await ids()).toEqual([kept]);
    expect(await ids(FileState.READY)).toEqual([kept]);
    expect(await ids(FileState.TRASHED)).toEqual([trashed]);
  });

  it("refuses damaged page tokens by name", async () => {
    const encode = (key: unknown) => Buffer.from(JSON.stringify(key)).toString("base64url");
    const damaged = [
      "nonsense",
      encode(1),
      encode({}),
      encode([1]),
      encode(["x", "y"]),
      encode([8.64e15, "x"]),
      encode([0, 1]),
    ];
    for (const pageToken of damaged) {
      const error = await owner.files.listFiles({ pageToken }).catch(ConnectError.from);
      expect(error).toMatchObject({ code: Code.InvalidArgument });
      expect(String(error)).toContain("page_token");
    }
    expect((await owner.files.listFiles({ pageToken: encode([0, "a\0b"]) })).files).toEqual([]);
  });

  it("refuses page sizes out of limits", async () => {
    for (const pageSize of [-1, 251])
      expect(await codeOf(owner.files.listFiles({ pageSize }))).toBe(Code.InvalidArgument);
  });
});

describe("DeleteFile", () => {
  beforeAll(() => {
    [owner, other] = [service.newPerson(), service.newPerson()];
  });

  it("moves an owner's file to the trash and tells of it once", async () => {
    const fileId = await owner.upload("old.txt");
    expect((await owner.files.deleteFile({ fileId })).file?.state).toBe(FileState.TRASHED);
    expect((await owner.files.deleteFile({ fileId })).file?.state).toBe(FileState.TRASHED);
    const after = await owner.upload("later.txt");
    await service.process.eventually(() => {
      const events = service.process.events();
      expect(events.some(({ key }) => key === after)).toBe(true);
    });
    const events = service.process.events().filter(({ key }) => key === fileId);
    expect(events.map(({ type }) => type)).toEqual(["lyceum.files.v1.FileUploaded", "lyceum.files.v1.FileDeleted"]);
    expect(events[1]?.data).toEqual({ fileId, ownerId: owner.userId, version: 2 });
  });

  it("is for the owner alone", async () => {
    const fileId = await owner.upload("mine.txt");
    expect(await codeOf(other.files.deleteFile({ fileId }))).toBe(Code.NotFound);
    await owner.share(fileId, other, GrantRole.EDITOR);
    expect(await codeOf(other.files.deleteFile({ fileId }))).toBe(Code.PermissionDenied);
    expect((await owner.files.getFile({ fileId })).file?.state).toBe(FileState.READY);
    for (const strange of strangeIds)
      expect(await codeOf(owner.files.deleteFile({ fileId: strange }))).toBe(Code.NotFound);
  });

  it("happens once for callers at the same time", async () => {
    const fileId = await owner.upload("race.txt");
    await Promise.all(Array.from({ length: 10 }, () => owner.files.deleteFile({ fileId })));
    await service.process.eventually(() => {
      const deleted = service.process
        .events()
        .filter(({ key, type }) => key === fileId && type.endsWith("FileDeleted"));
      expect(deleted).toHaveLength(1);
    });
  });
});

describe("BatchGetReadableFiles", () => {
  it("leaves out what the caller may not read right now", async () => {
    const [me, friend] = [service.newPerson(), service.newPerson()];
    const mine = await me.upload("mine");
    const trashed = await me.upload("trashed");
    const theirs = await friend.upload("theirs");
    const shared = await friend.upload("shared");
    const grantId = await friend.share(shared, me);
    await me.files.deleteFile({ fileId: trashed });
    const fileIds = [mine, trashed, theirs, shared, ...strangeIds];
    const readable = async (includeTrashed = false) => {
      const { files } = await me.internal.batchGetReadableFiles({ fileIds, includeTrashed });
      return files.map(({ id }) => id).sort();
    };
    expect(await readable()).toEqual([mine, shared].sort());
    expect(await readable(true)).toEqual([mine, trashed, shared].sort());
    await friend.files.revokeAccess({ fileId: shared, grantId });
    expect(await readable()).toEqual([mine]);
    await friend.share(shared, me);
    await friend.files.deleteFile({ fileId: shared });
    expect(await readable(true)).toEqual([mine, trashed].sort());
  });

  it("takes 1 to 250 ids", async () => {
    const me = service.newPerson();
    expect(await codeOf(me.internal.batchGetReadableFiles({ fileIds: [] }))).toBe(Code.InvalidArgument);
    const many = Array.from({ length: 251 }, (_, at) => String(at));
    expect(await codeOf(me.internal.batchGetReadableFiles({ fileIds: many }))).toBe(Code.InvalidArgument);
    expect((await me.internal.batchGetReadableFiles({ fileIds: many.slice(1) })).files).toEqual([]);
  });
});
