import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { FileState, GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { purgeTrash } from "../purge-trash.ts";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

const dayMs = 24 * 3_600_000;
let service: TestFiles;
let owner: TestPerson;
let reader: TestPerson;
let stranger: TestPerson;
let fileId: string;
beforeAll(async () => {
  service = await startFiles();
  [reader, stranger] = [service.newPerson(), service.newPerson()];
});
afterAll(() => service?.[Symbol.asyncDispose]());
beforeEach(async () => {
  owner = service.newPerson();
  fileId = await owner.upload("kept.txt", "some words");
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
const eventsOf = (id: string) =>
  service.process
    .events()
    .filter(({ key }) => key === id)
    .map(({ type, data }) => ({ type: type.replace("lyceum.files.v1.", ""), ...data }));
const blobNames = () => readdirSync(join(service.host.home, "blobs"), { recursive: true }).map(String);
const hasBlob = (id: string) => blobNames().some((name) => name.endsWith(id));
const usageOf = async (person: TestPerson) => (await person.files.getUsage({})).usage;

describe("RestoreFile", () => {
  it("brings a file back with its readers, and tells of it once", async () => {
    await owner.share(fileId, reader);
    await owner.files.deleteFile({ fileId });
    expect(await codeOf(reader.files.getFile({ fileId }))).toBe(Code.NotFound);
    expect((await owner.fetch(`/v1/files/${fileId}/content`)).status).toBe(200);
    for (let twice = 0; twice < 2; twice++) {
      expect((await owner.files.restoreFile({ fileId })).file?.state).toBe(FileState.READY);
    }
    expect((await reader.files.getFile({ fileId })).file?.id).toBe(fileId);
    expect((await owner.files.listFiles({})).files.map(({ id }) => id)).toEqual([fileId]);
    await owner.files.deleteFile({ fileId });
    await service.process.eventually(() =>
      expect(eventsOf(fileId)).toMatchObject([
        { type: "FileUploaded", version: 1 },
        { type: "AccessGranted", version: 2 },
        { type: "FileDeleted", version: 3 },
        { type: "FileRestored", version: 4, ownerId: owner.userId },
        { type: "FileDeleted", version: 5 },
      ]),
    );
  });

  it("is for the owner alone", async () => {
    await owner.share(fileId, reader, GrantRole.EDITOR);
    expect(await codeOf(reader.files.restoreFile({ fileId }))).toBe(Code.PermissionDenied);
    await owner.files.deleteFile({ fileId });
    for (const person of [reader, stranger]) {
      expect(await codeOf(person.files.restoreFile({ fileId }))).toBe(Code.NotFound);
    }
    expect(await codeOf(owner.files.restoreFile({ fileId: "unknown" }))).toBe(Code.NotFound);
  });
});

describe("PurgeFile", () => {
  it.each(["from the trash", "directly"])("ends a file for good, %s", async (way) => {
    await owner.share(fileId, reader);
    if (way === "from the trash") await owner.files.deleteFile({ fileId });
    expect(hasBlob(fileId)).toBe(true);
    await owner.files.purgeFile({ fileId });
    for (const person of [owner, reader]) {
      expect(await codeOf(person.files.getFile({ fileId }))).toBe(Code.NotFound);
      expect((await person.fetch(`/v1/files/${fileId}/content`)).status).toBe(404);
    }
    expect(await codeOf(owner.files.purgeFile({ fileId }))).toBe(Code.NotFound);
    expect((await owner.files.listFiles({ state: FileState.TRASHED })).files).toEqual([]);
    const version = way === "directly" ? 3 : 4;
    await service.process.eventually(() => {
      expect(hasBlob(fileId)).toBe(false);
      expect(eventsOf(fileId).at(-1)).toEqual({ type: "FilePurged", fileId, ownerId: owner.userId, version });
    });
  });

  it("is for the owner alone", async () => {
    await owner.share(fileId, reader, GrantRole.EDITOR);
    expect(await codeOf(reader.files.purgeFile({ fileId }))).toBe(Code.PermissionDenied);
    expect(await codeOf(stranger.files.purgeFile({ fileId }))).toBe(Code.NotFound);
    expect(hasBlob(fileId)).toBe(true);
  });

  it("happens once for callers at the same time", async () => {
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(owner.files.purgeFile({ fileId }))));
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === Code.NotFound)).toHaveLength(7);
    expect(await usageOf(owner)).toMatchObject({ bytes: 0n, files: 0n });
  });
});

describe("the trash", () => {
  it("is purged of what has lain there for 30 days, and of nothing else", async () => {
    const [young, live] = [await owner.upload("young.txt"), await owner.upload("live.txt")];
    await owner.files.deleteFile({ fileId });
    await owner.files.deleteFile({ fileId: young });
    const { database, events, jobs } = service.host;
    await database.sql`update files set trash_time = now() - interval '2 days' where id = ${fileId}`;
    const purge = (days: number) =>
      purgeTrash({ database, events, jobs, trashDays: 30 }, new Date(Date.now() + days * dayMs));
    await purge(27);
    expect((await owner.files.getFile({ fileId })).file?.state).toBe(FileState.TRASHED);
    await Promise.all([purge(29), purge(29)]);
    expect(await codeOf(owner.files.getFile({ fileId }))).toBe(Code.NotFound);
    expect((await owner.files.getFile({ fileId: young })).file?.state).toBe(FileState.TRASHED);
    expect((await owner.files.getFile({ fileId: live })).file?.state).toBe(FileState.READY);
    await service.process.eventually(() => expect(hasBlob(fileId)).toBe(false));
  });
});

describe("GetUsage", () => {
  it("counts what a person owns, the trash included, until it is purged", async () => {
    const bytesLimit = 5n * 1024n ** 3n;
    expect(await usageOf(stranger)).toMatchObject({ bytes: 0n, files: 0n, bytesLimit });
    await owner.upload("more.txt", "12345");
    await owner.share(fileId, reader);
    expect(await usageOf(owner)).toMatchObject({ bytes: 15n, files: 2n, bytesLimit });
    expect(await usageOf(reader)).toMatchObject({ bytes: 0n, files: 0n });
    await owner.files.deleteFile({ fileId });
    expect(await usageOf(owner)).toMatchObject({ bytes: 15n, files: 2n });
    await owner.files.purgeFile({ fileId });
    expect(await usageOf(owner)).toMatchObject({ bytes: 5n, files: 1n });
  });
});
