import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { FileService, type UploadFileRequestSchema } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

type Part = MessageInitShape<typeof UploadFileRequestSchema>;

let service: TestFiles;
let owner: TestPerson;
let other: TestPerson;
beforeAll(async () => {
  service = await startFiles({ uploadIdleMs: 400 });
  [owner, other] = [service.newPerson(), service.newPerson()];
});
afterAll(() => service?.[Symbol.asyncDispose]());

const bytes = randomBytes(2_500_000);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
const metadata = (more: { folderId?: string; sizeBytes?: bigint; name?: string } = {}): Part => ({
  part: { case: "metadata", value: { name: "notes.bin", ...more } },
});
const chunk = (value: Uint8Array): Part => ({ part: { case: "chunk", value } });
const chunksOf = (content: Uint8Array, size = 1_048_576) =>
  Array.from({ length: Math.ceil(content.length / size) }, (_, at) =>
    chunk(content.subarray(at * size, (at + 1) * size)),
  );

async function* send(parts: readonly Part[], end?: Promise<void>) {
  yield* parts;
  await end;
}
async function download(person: TestPerson, request: { fileId: string; offset?: bigint; length?: bigint }) {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of person.files.downloadFile(request)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const names = async () => (await owner.files.listFiles({})).files.map(({ name }) => name);
const incoming = () => readdir(join(service.host.home, "blobs/incoming"));

/** The files of a person over gRPC, on the wire. */
async function overGrpc({ userId }: TestPerson) {
  const authorization = `Bearer ${await service.process.tokenFor({ userId })}`;
  const transport = createGrpcTransport({
    baseUrl: service.process.url,
    interceptors: [
      (next) => (req) => {
        req.header.set("authorization", authorization);
        return next(req);
      },
    ],
  });
  return createClient(FileService, transport);
}

describe("UploadFile", () => {
  it.each(["in the process", "over gRPC"])("stores what is sent, %s", async (way) => {
    const files = way === "over gRPC" ? await overGrpc(owner) : owner.files;
    const sizeBytes = BigInt(bytes.length);
    const { file } = await files.uploadFile(send([metadata({ sizeBytes }), ...chunksOf(bytes)]));
    expect(file).toMatchObject({
      name: "notes.bin",
      sizeBytes,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      ownerId: owner.userId,
    });
    expect((await download(owner, { fileId: file?.id ?? "" })).equals(bytes)).toBe(true);
  });

  it("takes an empty file, and one for a folder", async () => {
    const folderId = (await owner.files.createFolder({ name: "f" })).folder?.id ?? "";
    const { file } = await owner.files.uploadFile(send([metadata({ folderId })]));
    expect(file).toMatchObject({ sizeBytes: 0n, folderId });
  });

  it.each([
    ["no message", []],
    ["no metadata", [chunk(Buffer.from("x"))]],
    ["metadata twice", [metadata(), chunk(Buffer.from("x")), metadata()]],
    ["an empty message", [metadata(), {}]],
    ["a chunk beyond 1 MiB", [metadata(), chunk(Buffer.alloc(1_048_577))]],
    ["no name", [metadata({ name: "" })]],
    ["an invisible name", [metadata({ name: "\u200b" })]],
    ["fewer bytes than announced", [metadata({ sizeBytes: 2n }), chunk(Buffer.from("x"))]],
    ["more bytes than announced", [metadata({ sizeBytes: 0n }), chunk(Buffer.from("x"))]],
  ])("refuses %s", async (_, parts) => {
    expect(await codeOf(owner.files.uploadFile(send(parts)))).toBe(Code.InvalidArgument);
    expect(await incoming()).toEqual([]);
  });

  it("refuses what is too large, and unknown folders, before its bytes", async () => {
    const never = new Promise<void>(() => {});
    const tooLarge = metadata({ sizeBytes: 513n * 1024n * 1024n });
    expect(await codeOf(owner.files.uploadFile(send([tooLarge], never)))).toBe(Code.ResourceExhausted);
    const lost = metadata({ folderId: "unknown" });
    expect(await codeOf(owner.files.uploadFile(send([lost], never)))).toBe(Code.NotFound);
  });

  it.each(["in the process", "over gRPC"])("leaves nothing of an upload that is cut or stalls, %s", async (way) => {
    const files = way === "over gRPC" ? await overGrpc(owner) : owner.files;
    const parts = [metadata({ name: "cut.bin" }), ...chunksOf(bytes)];
    const never = new Promise<void>(() => {});
    const cut = new AbortController();
    const sent = codeOf(files.uploadFile(send(parts, never), { signal: cut.signal }));
    await service.process.eventually(async () => expect(await incoming()).toHaveLength(1));
    cut.abort();
    expect(await sent).toBe(Code.Canceled);
    await service.process.eventually(async () => expect(await incoming()).toEqual([]));
    expect(await codeOf(files.uploadFile(send(parts, never)))).toBe(Code.DeadlineExceeded);
    await delay(50);
    expect(await incoming()).toEqual([]);
    expect(await names()).not.toContain("cut.bin");
  });
});

describe("DownloadFile", () => {
  let fileId: string;
  beforeAll(async () => {
    fileId = await owner.upload("ranges.bin", bytes);
  });

  it("gives any part, byte for byte", async () => {
    const files = await overGrpc(owner);
    const size = bytes.length;
    for (const [offset, length] of [
      [0, 0],
      [1, 1],
      [size - 1, 0],
      [size, 0],
      [1_048_575, 1_048_577],
      [size - 10, 1_000],
      [5, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const got: Uint8Array[] = [];
      for await (const { chunk } of files.downloadFile({ fileId, offset: BigInt(offset), length: BigInt(length) })) {
        got.push(chunk);
      }
      const wanted = bytes.subarray(offset, length === 0 ? size : Math.min(size, offset + length));
      expect(Buffer.concat(got).equals(wanted), `${offset} ${length}`).toBe(true);
      expect(Math.max(0, ...got.map(({ length }) => length))).toBeLessThanOrEqual(1_048_576);
    }
  });

  it("refuses what lies outside", async () => {
    const max = 2n ** 63n - 1n;
    for (const offset of [BigInt(bytes.length) + 1n, max]) {
      expect(await codeOf(download(owner, { fileId, offset }))).toBe(Code.OutOfRange);
    }
    expect(await codeOf(download(owner, { fileId, offset: -1n }))).toBe(Code.InvalidArgument);
    expect(await codeOf(download(owner, { fileId, length: -1n }))).toBe(Code.InvalidArgument);
    expect((await download(owner, { fileId, offset: 1n, length: max })).equals(bytes.subarray(1))).toBe(true);
  });

  it("is for those who may read the file", async () => {
    expect(await codeOf(download(other, { fileId }))).toBe(Code.NotFound);
    await owner.share(fileId, other);
    expect((await download(other, { fileId, length: 3n })).equals(bytes.subarray(0, 3))).toBe(true);
    await owner.files.deleteFile({ fileId });
    expect(await codeOf(download(other, { fileId }))).toBe(Code.NotFound);
    expect((await download(owner, { fileId, length: 3n })).equals(bytes.subarray(0, 3))).toBe(true);
  });
});
