import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
beforeAll(async () => {
  service = await startFiles();
  owner = service.newPerson();
});
afterAll(() => service?.[Symbol.asyncDispose]());

async function read(fileId: string): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of await service.readContent(fileId)) chunks.push(chunk);
  return chunks;
}

it("gives ingest the bytes of anyone's file, in pieces of at most 1 MiB", async () => {
  const bytes = randomBytes(2_600_000);
  const chunks = await read(await owner.upload("a.bin", bytes));
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1_048_576);
});

it("gives nothing of an empty file, and a trashed one whole", async () => {
  expect(await read(await owner.upload("empty", ""))).toEqual([]);
  const fileId = await owner.upload("trashed", "words");
  await owner.files.deleteFile({ fileId });
  expect(Buffer.concat(await read(fileId)).toString()).toBe("words");
});

it("is not_found for an unknown file", async () => {
  for (const strange of ["unknown", "nul\0"])
    await expect(read(strange)).rejects.toMatchObject({ code: Code.NotFound });
});

it("is for ingest alone", async () => {
  const fileId = await owner.upload("mine", "words");
  const asPerson = async () => {
    for await (const _ of owner.internal.readContent({ fileId }));
  };
  expect(ConnectError.from(await asPerson().catch((error) => error)).code).toBe(Code.PermissionDenied);
});

it("says so when the bytes are gone from under the row", async () => {
  const fileId = await owner.upload("lost", "words");
  await rm(join(service.host.home, "blobs"), { recursive: true });
  await expect(read(fileId)).rejects.toMatchObject({ code: Code.DataLoss });
  expect((await owner.fetch(`/v1/files/${fileId}/content`)).status).toBe(500);
});
